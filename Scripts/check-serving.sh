#!/usr/bin/env bash
# Starts the server of the tutorial on serving and asks it: each kind of answer, health while eight clients keep it busy,
# and what becomes of clients that leave.
# Usage: check-serving.sh SERVER [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."

server=$(realpath "$1")
seconds=${2:-5}
photo=$PWD/Docs/images/scene.jpg
scratch=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true; wait; rm -rf "$scratch"' EXIT

fail() {
  echo "check-serving: $*" >&2
  exit 1
}

# A port that nobody else has: the server that ended at once did not get it.
for ((attempt = 0; attempt < 20; attempt++)); do
  port=$((20000 + RANDOM % 10000))
  url=http://127.0.0.1:$port
  PORT=$port LOG_LEVEL=error "$server" > "$scratch/log" 2>&1 &
  pids=($!)
  for ((i = 0; i < 100; i++)); do
    kill -0 "${pids[0]}" 2> /dev/null || continue 2
    if curl -s -o /dev/null "$url/health"; then break 2; fi
    sleep 0.1
  done
done
curl -s -o /dev/null "$url/health" || fail "the server does not start: $(head -c 1000 "$scratch/log")"

# ask STATUS TEXT PATH [CURL'S OPTIONS...]: the answer has that status, and that text within.
ask() {
  local status=$1 text=$2 path=$3 got
  shift 3
  got=$(curl -s -m 60 -o "$scratch/answer" -w '%{http_code}' "$@" "$url/$path") || fail "/$path: no answer"
  if [[ $got != "$status" || $(< "$scratch/answer") != *"$text"* ]]; then
    fail "/$path: $got, not $status with '$text': $(head -c 300 "$scratch/answer")"
  fi
}

load() {
  curl -s -m 5 "$url/health"
}

# Returns when nothing runs and nothing waits, or fails after so many milliseconds.
idle() {
  local begin now health
  begin=$(date +%s%N)
  while true; do
    health=$(load)
    if [[ $health == *'"running":0'* && $health == *'"waiting":0'* ]]; then break; fi
    now=$(date +%s%N)
    if (((now - begin) / 1000000 > $1)); then fail "after $1 ms: $health"; fi
    sleep 0.01
  done
}

ask 200 '"running":0' health
ask 200 '"label":"coin"' detect --data-binary "@$photo"
ask 200 '"waiting_ms":' detect --data-binary "@$photo"
ask 200 '"counts":' segment --data-binary "@$photo"
ask 400 'this is a GIF file' detect --data-binary GIF89a
head -c 10000 "$photo" > "$scratch/cut.jpg"
ask 400 'image data: ' detect --data-binary "@$scratch/cut.jpg"
truncate -s 10000001 "$scratch/large"
ask 413 '' detect --data-binary "@$scratch/large"
idle 1000

# Eight clients send photographs, a ninth asks for the health.
begin=$(date +%s%N)
until=$((begin + seconds * 1000000000))
clients=()
for ((client = 0; client < 8; client++)); do
  while (($(date +%s%N) < until)); do
    curl -s -o /dev/null -w '%{http_code} %{time_total}\n' --data-binary "@$photo" "$url/segment"
  done > "$scratch/client$client" &
  clients+=($!)
done
timeout "$seconds" curl -s -o /dev/null -w '%{http_code} %{time_total}\n' --rate 200/s "$url/health?[1-1000000]" \
  > "$scratch/health" || true
wait "${clients[@]}"
milliseconds=$((($(date +%s%N) - begin) / 1000000))

# Prints: the answers with status 200, those with another, and in milliseconds the median, the 99th percentile, the most.
summary() {
  sort -n -k 2 "$@" | awk '
    NF == 2 && $1 == 200 { times[count++] = 1000 * $2 }
    NF == 2 && $1 != 200 { others++ }
    END {
      if (!count) exit 1
      printf "%d %d %.1f %.1f %.1f\n", count, others, times[int(count / 2)], times[int(count * 0.99)], times[count - 1]
    }'
}
read -r count others median tail most < <(summary "$scratch"/client*) || fail "8 clients got no answer"
echo "check-serving: segment, 8 clients: $((count * 1000 / milliseconds)) a second, $median ms (median)," \
  "$tail ms (99 %), $most ms (most), $others refused"
((others == 0)) || fail "8 clients are refused"
read -r count others median tail most < <(summary "$scratch/health") || fail "health: no answer"
echo "check-serving: health meanwhile: $count answers, $median ms (median), $tail ms (99 %), $most ms (most)"
((others == 0 && count > 20 * seconds)) || fail "health: $count answers, $others of them wrong"
# It takes a few milliseconds; a server whose threads all detect takes as long as a detection.
awk -v tail="$tail" 'BEGIN { exit !(tail < 50) }' || fail "health takes $tail ms"

# More at once than may wait: some are refused, the others are answered.
burst=(curl -s --no-progress-meter -o /dev/null -Z --parallel-immediate --parallel-max 200 --data-binary "@$photo")
"${burst[@]}" -w '%{http_code} %header{retry-after}\n' "$url/segment?[1-200]" > "$scratch/burst"
answered=$(grep -c '^200 $' "$scratch/burst") || true
refused=$(grep -c '^503 1$' "$scratch/burst") || true
echo "check-serving: of 200 at once $answered are answered and $refused refused"
((answered >= 33 && refused > 0 && answered + refused == 200)) || fail "$(sort "$scratch/burst" | uniq -c)"

# Clients that leave free their places; computed to the end, the 32 that wait would take longer.
"${burst[@]}" "$url/segment?[1-200]" &
pids+=($!)
for ((i = 0; i < 1000; i++)); do
  health=$(load)
  if [[ $health == *'"waiting":32'* ]]; then break; fi
done
[[ $health == *'"waiting":32'* ]] || fail "200 at once do not fill the pool: $health"
kill "${pids[1]}"
idle 500
echo "check-serving: clients that leave free their places"

kill "${pids[0]}"
wait "${pids[0]}" || fail "the server ends with $?: $(head -c 1000 "$scratch/log")"
