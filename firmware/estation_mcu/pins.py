"""The pins of the supervisor, by GPIO number: made from hw/pins.toml by `make hw`; do not edit."""

UART_TO_MCU = 1  # pin 2: UART0 RX
UART_TO_PI = 0  # pin 1: UART0 TX
POWER_CUT = 2  # pin 4: out
SUPPLY_SENSE = 26  # pin 31: ADC0
PI_SENSE = 27  # pin 32: ADC1
IR_SEND = 6  # pin 9: PWM3 A
IR_RECEIVE = 7  # pin 10: in
BEAM = 8  # pin 11: in
NEOPIXEL = 9  # pin 12: PIO0
