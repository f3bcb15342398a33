#!/bin/sh
# Submit a job, wait for its end, and end as it did.
set -eu
scancel --name=bloomery-train
job=$(sbatch --parsable "$1")
trap 'scancel "$job"; exit 1' INT TERM HUP
while [ -n "$(squeue --noheader --jobs="$job" --format=%T 2>/dev/null)" ]; do
  sleep 1
done
state=$(scontrol show job --oneliner "$job" | sed 's/.*JobState=\([A-Z_]*\).*/\1/')
if [ "$state" != COMPLETED ]; then
  echo "job $job ended as $state" >&2
  exit 1
fi
