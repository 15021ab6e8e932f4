/* The kernel's lines of the carrier board, by BCM number: made from hw/pins.toml by `make hw`; do not edit. */
#define NET_RTC_SDA 2
#define PIN_RTC_SDA "gpio2"
#define NET_RTC_SCL 3
#define PIN_RTC_SCL "gpio3"
#define NET_UART_TO_MCU 14
#define PIN_UART_TO_MCU "gpio14"
#define NET_UART_TO_PI 15
#define PIN_UART_TO_PI "gpio15"
#define NET_KERNEL_LIGHT 23
#define PIN_KERNEL_LIGHT "gpio23"
