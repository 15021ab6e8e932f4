"""What tests share: real servers and screens, started and stopped."""
