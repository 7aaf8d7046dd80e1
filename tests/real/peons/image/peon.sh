#!/bin/bash
# What /peon.sh of Druid's image does: the task from TASK_JSON into TASK_DIR, properties from the environment
# (druid_a_b__c is druid.a.b_c), and a peon in place of this script. /druid/java knows Java, jars and configuration.
set -euo pipefail
# WHY: process 1 of a container gets only signals that it handles.
trap 'exit 143' TERM

mkdir -p "$TASK_DIR"
if [ -n "${TASK_JSON:-}" ]; then
  base64 -d <<<"$TASK_JSON" | gunzip >"$TASK_DIR/task.json"
fi

properties=()
for name in $(compgen -e druid_); do
  key=${name//__/$'\n'}
  key=${key//_/.}
  properties+=("-D${key//$'\n'/_}=${!name}")
done

# WHY unset: the task is long, and every process that a peon forks would carry it.
unset TASK_JSON
# shellcheck disable=SC2086  # JAVA_OPTS are words
exec /druid/java ${JAVA_OPTS:-} "${properties[@]}" org.apache.druid.cli.Main internal peon "$TASK_DIR" 1 "$@"
