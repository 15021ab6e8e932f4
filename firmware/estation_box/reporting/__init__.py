"""Telling the centre: MQTT, acknowledgements, commands."""
