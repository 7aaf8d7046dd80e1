#!/bin/sh
# Plays a peon: what it prints, how long it takes and how it ends is told by the task's id (scripted.py).
set -eu
number=${TASK_ID##*-}
kind=${TASK_ID%-*}
kind=${kind##*-}

status() {
  printf '{"id":"%s","status":"%s","duration":-1,"errorMsg":%s,"location":{"host":null,"port":-1,"tlsPort":-1}}' \
    "$TASK_ID" "$1" "$2" >"$TASK_LOGS/$TASK_ID.status.json.new"
  mv "$TASK_LOGS/$TASK_ID.status.json.new" "$TASK_LOGS/$TASK_ID.status.json"
}

echo "$TASK_ID begins"
second=0
while [ "$second" -le $((number % SECONDS_LIMIT)) ]; do
  sleep 1
  line=0
  while [ "$line" -lt "$LINES_A_SECOND" ]; do
    echo "$TASK_ID second $second line $line"
    line=$((line + 1))
  done
  second=$((second + 1))
done
case $kind in
  good) status SUCCESS null ;;
  bad) status FAILED '"as the script says"' ;;
  mute) echo "$TASK_ID leaves no status"; exit 1 ;;
esac
echo "$TASK_ID ends"
