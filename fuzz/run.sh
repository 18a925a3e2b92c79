#!/bin/sh
# Fuzzes every target, or those named, for a number of seconds each.
#
# Usage: fuzz/run.sh SECONDS [TARGET…]
#
# Needs a nightly compiler and `cargo install cargo-fuzz`. Seeds are made from fixtures/ when there are none.
# A find is left in fuzz/artifacts/TARGET/, and the script ends with status 1.
set -u
cd "$(dirname "$0")" || exit 2
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
[ $# -gt 0 ] || set -- split mailbox head body mime html reply threads redact dataset
[ -d corpus/split ] || python3 seeds.py || exit 2
status=0
for target; do
    mkdir -p "corpus/$target"
    # No sanitizer: all but one module is free of unsafe code, and what is sought is panics and broken promises.
    cargo +nightly fuzz run --sanitizer none "$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 || status=1
done
exit $status
