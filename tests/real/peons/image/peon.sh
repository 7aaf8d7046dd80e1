#!/bin/bash
# What /peon.sh of Druid's image does: the task from TASK_JSON into TASK_DIR, properties from the environment
# (druid_a_b__c is druid.a.b_c), and a peon in place of this script. /druid/java knows Java, jars and configuration.
set -euo pipefail
# WHY: process 1 of a container gets only signals that it handles.
trap 'exit 143' TERM

# WHY: up to release 34 TASK_DIR does not end in the task's id, and a peon looks for its own report in baseTaskDir/ID.
folder=$TASK_DIR
if [ "$(basename "$TASK_DIR")" != "$TASK_ID" ]; then
  folder=$TASK_DIR/$TASK_ID
fi
mkdir -p "$folder"
if [ -n "${TASK_JSON:-}" ]; then
  base64 -d <<<"$TASK_JSON" | gunzip >"$folder/task.json"
elif [ -e "$TASK_DIR/task.json" ] && [ "$folder" != "$TASK_DIR" ]; then
  ln -s "$TASK_DIR/task.json" "$folder/task.json"
fi

properties=("-Ddruid.indexer.task.baseTaskDir=$(dirname "$folder")")
for name in $(compgen -e druid_); do
  key=${name//__/$'\n'}
  key=${key//_/.}
  properties+=("-D${key//$'\n'/_}=${!name}")
done

# WHY unset: the task is long, and every process that a peon forks would carry it.
unset TASK_JSON
# shellcheck disable=SC2086  # JAVA_OPTS are words
exec /druid/java ${JAVA_OPTS:-} "${properties[@]}" org.apache.druid.cli.Main internal peon "$folder" 1 "$@"
