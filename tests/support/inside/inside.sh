# Takes one line at a time from the test, «number command», the command in base64, and answers «number status said».
# The port's driver by name: a test may ask before udev has looked at everything.
modprobe virtio_console
until name=$(grep -lx estation.test /sys/class/virtio-ports/*/name); do sleep 0.2; done
port=${name%/name}
exec 3<>"/dev/${port##*/}"
while read -r number words <&3; do
    echo "$words" | base64 -d >/run/inside.command
    said=$(sh /run/inside.command 2>&1 </dev/null)
    status=$?
    echo "$number $status $(printf %s "$said" | base64 -w0)" >&3
done
