# The benchmarks of packaging/dev: sourced by it. One function each, named bench_NAME, which prints one table with a
# named peer measured in the same run. Nothing here fails because of a time.
# shellcheck shell=bash

BENCH=target/bench
MESSAGES=${BENCH_MESSAGES:-10000}
RUNS=${BENCH_RUNS:-5}
BENCHES=(start search scroll sync annuaire)

# Release builds of what the benchmarks run.
build_bench() {
    cargo build --release --bins --example bench --example scroll_bench --example annuaire_bench --example operator \
        --example virtual_reader >&2
    mkdir -p "$BENCH"
}

profile_of() {
    [ -e "$BENCH/$MESSAGES/sessions/local/store.db" ] && return 0
    say "writing $MESSAGES messages into an encrypted store"
    target/release/examples/bench profile "$BENCH/$MESSAGES" --messages "$MESSAGES"
}

now_ms() { date +%s%3N; }

# Resident memory of a process and its children, shared pages divided among those that share them, in MB.
pss_of() {
    local total=0 pid kb
    for pid in $(family "$1"); do
        kb=$(awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup" 2>/dev/null || true)
        total=$((total + ${kb:-0}))
    done
    echo $((total / 1024))
}

# A process and all below it.
family() {
    local child
    echo "$1"
    for child in $(pgrep -P "$1" || true); do family "$child"; done
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# At once: Claws Mail asks back when it is ended politely, and its profile is thrown away.
end_program() {
    local pid
    for pid in $(family "$1"); do kill -KILL "$pid" 2>/dev/null || true; done
    wait "$1" 2>/dev/null || true
}

# Starts a peer $RUNS times: milliseconds to its first window into FILE.ms, memory in MB of the last after a minute.
time_windows() {
    local file=$1 class=$2 run start program
    shift 2
    : >"$file.ms"
    for run in $(seq "$RUNS"); do
        start=$(now_ms)
        "$@" >/dev/null 2>&1 &
        program=$!
        until xdotool search --onlyvisible --class "$class" >/dev/null 2>&1; do
            kill -0 "$program" 2>/dev/null || { say "$1 ended without a window"; break; }
            [ $(($(now_ms) - start)) -gt 60000 ] && break
            sleep 0.01
        done
        echo $(($(now_ms) - start)) >>"$file.ms"
        if [ "$run" = "$RUNS" ]; then sleep "${BENCH_MINUTE:-60}"; pss_of "$program" >"$file.mb"; fi
        end_program "$program"
    done
}

# Our own program says itself when the list was painted, counted from the start of the process.
time_estafette() {
    local file=$1 run program ready=$BENCH/ready
    : >"$file.ms"
    for run in $(seq "$RUNS"); do
        rm -f "$ready"
        # no card service: the store opens for reading, as it does without a card
        PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd ICED_BACKEND=tiny-skia target/release/estafette \
            --profile "$BENCH/$MESSAGES" --vault-key-file "$BENCH/$MESSAGES/vault.key" \
            --screen mailbox --ready-file "$ready" >/dev/null 2>&1 &
        program=$!
        until [ -s "$ready" ]; do
            kill -0 "$program" 2>/dev/null || { say "estafette ended"; return 1; }
            sleep 0.05
        done
        { cat "$ready"; echo; } >>"$file.ms"
        if [ "$run" = "$RUNS" ]; then sleep "${BENCH_MINUTE:-60}"; pss_of "$program" >"$file.mb"; fi
        end_program "$program"
    done
}

start_row() {
    local name=$1 file=$2 ours=$BENCH/start-estafette ms mb
    ms=$(median <"$file.ms") mb=$(cat "$file.mb")
    awk -v n="$name" -v ms="$ms" -v mb="$mb" -v oms="$(median <"$ours.ms")" -v omb="$(cat "$ours.mb")" \
        'BEGIN {printf "%-52s %8d %8d %8.2f %8.2f\n", n, ms, mb, oms / ms, omb / mb}'
}

bench_start() {
    need claws-mail thunderbird xdotool procps
    profile_of
    (
        display 1280x800 virtual
        trap end_display EXIT
        local home=$PWD/$BENCH/home
        rm -rf "$home"
        mkdir -p "$home"
        time_estafette "$BENCH/start-estafette"
        time_windows "$BENCH/start-claws" claws-mail env HOME="$home" claws-mail --alternate-config-dir "$home/claws"
        mkdir -p "$home/thunderbird"
        time_windows "$BENCH/start-thunderbird" thunderbird env HOME="$home" \
            thunderbird --no-remote --profile "$home/thunderbird"
    )
    printf '%-52s %8s %8s %8s %8s\n' "start (median of $RUNS, software renderer)" ms "PSS MB" "ms x" "MB x"
    start_row "estafette, $MESSAGES messages, list painted" "$BENCH/start-estafette"
    start_row "Claws Mail, empty profile, first window" "$BENCH/start-claws"
    start_row "Thunderbird, empty profile, first window" "$BENCH/start-thunderbird"
}

bench_search() {
    need notmuch
    profile_of
    local files=$PWD/$BENCH/files
    if [ ! -d "$files/.notmuch" ]; then
        target/release/examples/bench files "$files" --messages "$MESSAGES"
        cat >"$files/notmuch.config" <<END
[database]
path=$files
[user]
name=Bench
primary_email=bench@example.org
[new]
tags=inbox
ignore=notmuch.config
[maildir]
synchronize_flags=false
END
        NOTMUCH_CONFIG=$files/notmuch.config notmuch new >&2
    fi
    target/release/examples/bench search "$BENCH/$MESSAGES" "$files"
}

bench_scroll() {
    local rows
    for rows in 1000 100000; do
        [ -e "$BENCH/rows/$rows/vault.key" ] ||
            target/release/examples/bench profile "$BENCH/rows/$rows" --messages "$rows" --headers
    done
    (
        display 1280x800 virtual
        trap end_display EXIT
        PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd ICED_BACKEND=tiny-skia \
            target/release/examples/scroll_bench "$BENCH/rows/1000" "$BENCH/rows/100000"
    )
}

seconds_of() {
    local start
    start=$(now_ms)
    "$@" >&2
    awk -v ms=$(($(now_ms) - start)) 'BEGIN {printf "%.2f", ms / 1000}'
}

# The mailbox of a hospital service, which a password opens, filled with a doctor's mail: mbsync cannot use a card.
bench_sync() {
    need isync
    local dir=$PWD/$BENCH/operator address=urgences@ch-vienne.mssante.example info maildir ours peer
    as_root target/release/examples/operator stop --dir "$dir" >/dev/null 2>&1 || true
    info=$(as_root target/release/examples/operator start --dir "$dir" --messages "$MESSAGES" --reader none 2>/dev/null)
    maildir=$dir/mail/$address
    as_root cp -a "$dir/mail/anne.leroy@medecin.mssante.example/Maildir/." "$maildir/Maildir/"
    as_root chown -R --reference="$maildir" "$maildir/Maildir"
    local imap smtp ca
    imap=$(number imap <<<"$info") smtp=$(number smtp <<<"$info") ca=$(field ca <<<"$info")
    rm -rf "$BENCH/sync" "$BENCH/mbsync"
    mkdir -p "$BENCH/sync" "$BENCH/mbsync"
    (umask 077 && printf urgences-vienne >"$BENCH/password")
    local ctl=(env "PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd" target/release/estafettectl --profile "$BENCH/sync"
        --vault-key-file "$BENCH/sync/vault.key")
    "${ctl[@]}" account add --address "$address" --auth password --imap "localhost:$imap" --smtp "localhost:$smtp" \
        --security starttls --ca "$ca" --password-file "$BENCH/password" >&2
    cat >"$BENCH/mbsyncrc" <<END
IMAPAccount bench
Host localhost
Port $imap
User $address
PassCmd "cat $BENCH/password"
SSLType STARTTLS
CertificateFile $ca
AuthMechs PLAIN

IMAPStore far
Account bench

MaildirStore near
Path $PWD/$BENCH/mbsync/
Inbox $PWD/$BENCH/mbsync/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
END
    # once for nothing: the server makes its own indexes at first sight
    mbsync -c "$BENCH/mbsyncrc" bench >&2
    rm -rf "$BENCH/mbsync"
    mkdir -p "$BENCH/mbsync"
    ours=$(seconds_of "${ctl[@]}" --json sync)
    peer=$(seconds_of mbsync -c "$BENCH/mbsyncrc" bench)
    printf '%-52s %8s %8s %8s\n' "first sync of $MESSAGES messages, loopback, TLS" s "msg/s" "time x"
    awk -v n="$MESSAGES" -v o="$ours" -v p="$peer" 'BEGIN {
        printf "%-52s %8.2f %8d %8.2f\n", "estafette, into the encrypted store, indexed", o, n / o, 1
        printf "%-52s %8.2f %8d %8.2f\n", "mbsync, into a Maildir", p, n / p, o / p }'
    find "$BENCH/mbsync" -type f -path '*/cur/*' -o -type f -path '*/new/*' | wc -l | sed 's/^/files of mbsync: /'
    "${ctl[@]}" folders
    as_root target/release/examples/operator stop --dir "$dir" >/dev/null
}

bench_annuaire() {
    [ -e "$BENCH/extraction.txt" ] || target/release/examples/bench extraction "$BENCH/extraction.txt"
    target/release/examples/annuaire_bench "$BENCH/extraction.txt"
}
