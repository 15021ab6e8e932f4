# Takes one line at a time from the test, «number command», the command in base64, and answers «number status said».
port=/dev/virtio-ports/estation.test
until [ -c $port ]; do sleep 0.2; done
exec 3<>$port
while read -r number words <&3; do
    echo "$words" | base64 -d >/run/inside.command
    said=$(sh /run/inside.command 2>&1 </dev/null)
    status=$?
    echo "$number $status $(printf %s "$said" | base64 -w0)" >&3
done
