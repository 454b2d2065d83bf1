# The benchmarks of packaging/dev: sourced by it. One function each, named bench_NAME, which prints one table with a
# named peer measured in the same run. Nothing here fails because of a time.
# shellcheck shell=bash

BENCH=target/bench
MESSAGES=${BENCH_MESSAGES:-10000}
RUNS=${BENCH_RUNS:-5}
BENCHES=(start search scroll sync growth annuaire typing parse reading pdf)

# Release builds of what the benchmarks run; BENCH_AS_BUILT=1 measures what was built before.
build_bench() {
    mkdir -p "$BENCH"
    [ -n "${BENCH_AS_BUILT:-}" ] && return 0
    cargo build --release --bins --example bench --example scroll_bench --example typing_bench --example reading_bench --example annuaire_bench --example operator \
        --example virtual_reader >&2
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

median() { sort -n | awk '{v[NR] = $0} END {print v[int((NR + 1) / 2)]}'; }

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
        profile_of
        PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd ICED_BACKEND=tiny-skia \
            target/release/examples/scroll_bench --reader "$BENCH/$MESSAGES"
    )
}

# Runs a command; its seconds and the most memory it took, in MB, into SECONDS_TAKEN and MB_TAKEN.
take_time() {
    local started ended
    started=${EPOCHREALTIME/[.,]/}
    command time -f '%M' -o "$BENCH/time" "$@" >&2
    ended=${EPOCHREALTIME/[.,]/}
    SECONDS_TAKEN=$(awk -v us=$((ended - started)) 'BEGIN {printf "%.3f", us / 1e6}')
    MB_TAKEN=$(($(tail -n 1 "$BENCH/time") / 1024))
}

# The mailbox of a hospital service, which a password opens: mbsync cannot use a card.
BENCH_ADDRESS=urgences@ch-vienne.mssante.example

# Starts the operator in a folder, with an empty mailbox; what it says of itself goes into SERVER: DIR.
start_server() {
    SERVER_DIR=$1
    put_aside "$BENCH/mbsync-warm"
    as_root target/release/examples/operator stop --dir "$SERVER_DIR" >/dev/null 2>&1 || true
    SERVER=$(as_root target/release/examples/operator start --dir "$SERVER_DIR" --messages 0 --reader none 2>/dev/null)
    SMTP_PORT=$(number smtp <<<"$SERVER") CA=$(field ca <<<"$SERVER")
    (umask 077 && printf urgences-vienne >"$BENCH/password")
}

# Adds messages to the operator's mailbox: FIRST COUNT.
deliver() {
    local maildir=$SERVER_DIR/mail/$BENCH_ADDRESS
    as_root target/release/examples/bench maildir "$maildir/Maildir" --first "$1" --messages "$2" >&2
    as_root chown -R --reference="$maildir" "$maildir/Maildir"
}

# Puts what an earlier run left out of the way: ext4 searches around the numbers of files removed a moment ago, which
# would be counted to whoever makes files next. What is aside goes when everything is measured.
put_aside() {
    local left
    for left in "$@"; do [ ! -e "$left" ] || mv "$left" "$BENCH/left-$(date +%s%N)"; done
}

remove_left() { rm -rf "$BENCH"/left-*; }

# An empty profile and an empty Maildir for a port of the server: NAME PORT.
sync_place() {
    local name=$1 port=$2
    put_aside "$BENCH/sync-$name" "$BENCH/mbsync-$name"
    mkdir -p "$BENCH/sync-$name" "$BENCH/mbsync-$name"
    ctl "$name" account add --address "$BENCH_ADDRESS" --auth password --imap "localhost:$port" \
        --smtp "localhost:$SMTP_PORT" --security starttls --ca "$CA" --password-file "$BENCH/password" >&2
    cat >"$BENCH/mbsyncrc-$name" <<END
IMAPAccount bench
Host localhost
Port $port
User $BENCH_ADDRESS
PassCmd "cat $BENCH/password"
SSLType STARTTLS
CertificateFile $CA
AuthMechs PLAIN

IMAPStore far
Account bench

MaildirStore near
Path $PWD/$BENCH/mbsync-$name/
Inbox $PWD/$BENCH/mbsync-$name/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
END
}

# Has mbsync fill a Maildir of its own, or bring it up to date, from a port of the server: PORT. The server makes its
# indexes at first sight, and whoever came first would be counted for it.
warm() {
    local port=$1
    [ -e "$BENCH/mbsync-warm" ] || sync_place warm "$port"
    { echo "FSync no"; echo; cat "$BENCH/mbsyncrc-warm"; } >"$BENCH/mbsyncrc-warm-quick"
    mbsync -c "$BENCH/mbsyncrc-warm-quick" -q bench >&2
}

ctl() {
    local name=$1
    shift
    env "PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd" target/release/estafettectl --profile "$BENCH/sync-$name" \
        --vault-key-file "$BENCH/sync-$name/vault.key" "$@"
}

# Both programs in the same state, ours first: their seconds and MB into OURS and THEIRS: NAME.
take_both() {
    local name=$1
    take_time env "PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd" target/release/estafettectl \
        --profile "$BENCH/sync-$name" --vault-key-file "$BENCH/sync-$name/vault.key" --json sync
    OURS="$SECONDS_TAKEN $MB_TAKEN"
    take_time mbsync -c "$BENCH/mbsyncrc-$name" -q bench
    THEIRS="$SECONDS_TAKEN $MB_TAKEN"
}

# One row of what was taken: WHAT [MESSAGES], for the time of each of these.
print_row() {
    awk -v w="$1" -v ours="$OURS" -v theirs="$THEIRS" -v n="${2:-}" \
        'BEGIN {split(ours, o); split(theirs, t)
                printf "%-44s %9.2f %9.2f %8.2f", w, o[1], t[1], o[1] / t[1]
                if (n) printf " %9.0f", o[1] * 1e6 / n
                printf " %7d %7d\n", o[2], t[2]}'
}

# WHAT NAME [MESSAGES]
sync_row() {
    take_both "$2"
    print_row "$1" "${3:-}"
}

# A few new messages, again and again, the median: a tenth of a second is not measured once. FIRST NAME...,
# from the server at port NEAR.
new_rows() {
    local at=$1 name run
    shift
    for name in "$@"; do : >"$BENCH/new-ours-$name"; : >"$BENCH/new-theirs-$name"; done
    for run in $(seq "$RUNS"); do
        deliver "$at" 100
        at=$((at + 100))
        warm "$NEAR"
        for name in "$@"; do
            take_both "$name"
            echo "$OURS" >>"$BENCH/new-ours-$name"
            echo "$THEIRS" >>"$BENCH/new-theirs-$name"
        done
    done
    for name in "$@"; do
        OURS=$(median <"$BENCH/new-ours-$name") THEIRS=$(median <"$BENCH/new-theirs-$name")
        print_row "100 new messages, $name, median of $RUNS"
    done
}

bench_sync() {
    need isync time
    local dir=$PWD/$BENCH/operator count=${BENCH_MESSAGES:-20000} far
    start_server "$dir"
    deliver 0 "$count"
    NEAR=$(number imap_direct <<<"$SERVER") far=$(number delay_imap <<<"$SERVER")
    warm "$NEAR"
    sync_place loopback "$NEAR"
    sync_place proxy "$far"
    printf '%-44s %9s %9s %8s %7s %7s\n' "synchronisation over TLS, seconds" estafette mbsync "time x" MB "mbsync"
    echo "(proxy: 20 ms each way)"
    sync_row "$count messages, loopback" loopback
    sync_row "nothing changed, loopback" loopback
    sync_row "$count messages, proxy" proxy
    sync_row "nothing changed, proxy" proxy
    sync_place newest "$far"
    env "PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd" target/release/examples/bench newest "$BENCH/sync-newest"
    new_rows "$count" loopback proxy
    put_aside "$BENCH/mbsync-warm"
    find "$BENCH/mbsync-proxy" -type f \( -path '*/cur/*' -o -path '*/new/*' \) | wc -l | sed 's/^/files of mbsync: /'
    ctl proxy folders
    as_root target/release/examples/operator stop --dir "$dir" >/dev/null
    remove_left
}

# Full pulls of a mailbox that grows, each into an empty profile. The last one takes 20 GB of disk.
bench_growth() {
    need isync time
    local dir=$PWD/$BENCH/growth had=0 count
    start_server "$dir"
    printf '%-44s %9s %9s %8s %9s %7s %7s\n' "full pull, loopback" estafette mbsync "time x" "us/mess." MB "mbsync"
    for count in ${BENCH_GROWTH:-2000 20000 100000}; do
        deliver "$had" $((count - had))
        had=$count
        warm "$(number imap_direct <<<"$SERVER")"
        put_aside "$BENCH/mbsync-warm"
        sync_place growth "$(number imap_direct <<<"$SERVER")"
        remove_left # room for the copies that count
        sync_row "$count messages" growth "$count"
        put_aside "$BENCH/sync-growth" "$BENCH/mbsync-growth"
    done
    as_root target/release/examples/operator stop --dir "$dir" >/dev/null
    as_root rm -rf "$dir"
    remove_left
}

bench_parse() {
    target/release/examples/bench parse "${BENCH_FILES:-tests/data}"
}

bench_reading() {
    profile_of
    (
        display 1280x800 virtual
        trap end_display EXIT
        PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd ICED_BACKEND=tiny-skia \
            target/release/examples/reading_bench "$BENCH/$MESSAGES"
    )
}

bench_pdf() {
    need poppler-utils
    target/release/examples/bench pdf
}

# The national file at its size and that of the day after, when their generator is there; else a smaller one of our own.
extraction() {
    local generator=../shared/annuaire/generate_annuaire.py
    TODAY=$BENCH/extraction.txt TOMORROW=
    if [ -e "$generator" ]; then
        TODAY=$BENCH/national.txt TOMORROW=$BENCH/national-next.txt
        [ -e "$TOMORROW" ] || python3 "$generator" -n 600000 --seed 7 -o "$TODAY" --next-day "$TOMORROW" >&2
    fi
    [ -e "$TODAY" ] || target/release/examples/bench extraction "$TODAY"
}

bench_annuaire() {
    extraction
    target/release/examples/annuaire_bench "$TODAY" ${TOMORROW:+"$TOMORROW"}
}

# The whole annuaire against one of its first thousand lines.
bench_typing() {
    local name
    extraction
    head -n 1000 "$TODAY" >"$BENCH/extraction-short.txt"
    for name in short whole; do
        [ -e "$BENCH/typing/$name/vault.key" ] && continue
        mkdir -p "$BENCH/typing/$name"
        target/release/estafettectl --profile "$BENCH/typing/$name" --vault-key-file "$BENCH/typing/$name/vault.key" \
            annuaire import "$([ $name = short ] && echo "$BENCH/extraction-short.txt" || echo "$TODAY")" >&2
        touch "$BENCH/typing/$name/vault.key"
    done
    (
        display 1280x800 virtual
        trap end_display EXIT
        PCSCLITE_CSOCK_NAME=$BENCH/no-pcscd ICED_BACKEND=tiny-skia \
            target/release/examples/typing_bench "$BENCH/typing/short" "$BENCH/typing/whole"
    )
}
