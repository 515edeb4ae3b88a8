# The first process of a build container. POSIX sh and builtins only: an image may hold nothing else.
#
# Standard input is the lab's control channel, standard output its only way back. A message to the lab is
#   RS nonce US verb US field … RS      (RS = octal 036, US = octal 037)
# and goes to descriptor 8, so that a script that closes or redirects its own output cannot silence it.
# Variables start with lab_: the step's own names must neither be lost to this text nor change it.
exec 9<&0 </dev/null 2>&1 8>&1
lab_nonce=$1 lab_work=$2 lab_env=
say() { printf '\036%s\037%b\036' "$lab_nonce" "$1" >&8 2>/dev/null || :; }

# Only as a container's first process: anywhere else "everything" would be the whole machine.
end_all() { [ $$ = 1 ] && kill -KILL -1 2>/dev/null; }

# Where something listens, from the kernel's own tables: state 0A is LISTEN, the port is hexadecimal.
ports() {
  lab_heard=
  for lab_table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$lab_table" ] && while read -r _ lab_local _ lab_state _; do
      [ "$lab_state" = 0A ] && lab_heard="$lab_heard ${lab_local##*:}"
    done <"$lab_table"
  done
  say "ports\0037$lab_heard"
}

# What the step cost, from its own cgroup (version 1 or 2), and whether its network namespace is as it was.
usage() {
  lab_peak='' lab_cpu='' lab_ooms=0 lab_sockets=0
  if [ $$ = 1 ]; then
    for lab_file in /sys/fs/cgroup/memory/memory.max_usage_in_bytes /sys/fs/cgroup/memory.peak; do
      [ -r "$lab_file" ] && read -r lab_peak <"$lab_file"
    done
    [ -r /sys/fs/cgroup/cpuacct/cpuacct.usage ] && read -r lab_cpu </sys/fs/cgroup/cpuacct/cpuacct.usage
    for lab_file in /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events /sys/fs/cgroup/cpu.stat; do
      [ -r "$lab_file" ] && while read -r lab_key lab_value; do
        case $lab_key in oom_kill) lab_ooms=$lab_value ;; usage_usec) lab_cpu=${lab_value}000 ;; esac
      done <"$lab_file"
    done
  fi
  for lab_table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$lab_table" ] && while read -r _; do lab_sockets=$((lab_sockets + 1)); done <"$lab_table"
  done
  say "usage\0037$lab_peak\0037$lab_cpu\0037$lab_ooms\0037$lab_sockets"
}

# A kept container: nothing runs, and who sits down in it may ask for the step's variables. They stay in this
# process's memory, never in a file, so that no copy of the container holds a secret.
rest_for_ever() {
  [ $$ = 1 ] || { say 'kept\0037no'; return; }
  say 'kept\0037yes'
  [ -p "$lab_work/idle" ] && exec 6<>"$lab_work/idle" && while read -r lab_verb <&6; do
    [ "$lab_verb" = env ] && printf '%s' "$lab_env" >"$lab_work/env"
  done
  while sleep 86400; do :; done
}

# Folders of test reports, by Bitbucket's own names for them, three levels deep; the shell's globs need no find.
reports() {
  lab_found=
  for lab_name in surefire-reports failsafe-reports test-results test-reports TestResults; do
    for lab_folder in $lab_name */$lab_name */*/$lab_name; do
      [ -d "$lab_folder" ] && lab_found="$lab_found\0037$lab_folder"
    done
  done
  say "reports$lab_found"
}

# While the script runs, this reads the channel. End of file means that the lab is gone: then nothing may go on.
control() {
  [ -p "$lab_work/stdin" ] && exec 7<>"$lab_work/stdin"
  while read -r lab_verb <&9; do
    case $lab_verb in
      ports) ports ;;
      eof) : >"$lab_work/eof"; exec 7<&- ;;
      kill) end_all; say killed ;;
      reply\ *) [ -p "$lab_work/reply" ] && echo "${lab_verb#reply }" >"$lab_work/reply" ;;
      skip) : >"$lab_work/gone" ;;
      keep) rest_for_ever ;;
      quit) break ;;
    esac
  done
  : >"$lab_work/gone"
  end_all
}

# The step's variables are set in the child alone. In the foreground: a background child would ignore SIGINT and
# SIGQUIT, which scripts and their tests use.
run() (
  eval "$lab_env"
  [ -n "$2" ] && export BITBUCKET_EXIT_CODE="$2"
  exec "$lab_shell" "$lab_work/$1" <"$lab_stdin" 9<&-
)

mkdir -p "$lab_work" && mkfifo -m 600 "$lab_work/idle" "$lab_work/env" "$lab_work/reply" 2>/dev/null
lab_stdin=/dev/null lab_shell=sh lab_unpacks=no
lab_ifs=$IFS IFS=:
for lab_folder in $PATH; do
  [ -x "$lab_folder/bash" ] && { lab_shell=$lab_folder/bash; break; }
done
IFS=$lab_ifs
# Only root may write where the clone belongs, and only in a container is "/" the step's own.
[ $$ = 1 ] && [ -w / ] && command -v tar >/dev/null && command -v head >/dev/null && lab_unpacks=yes
while read -r lab_key lab_user _; do [ "$lab_key" = Uid: ] && break; done </proc/self/status
say "ready\0037$lab_shell\0037$lab_unpacks\0037$lab_user\0037$HOME"

while read -r lab_verb lab_count lab_name <&9; do
  case $lab_verb in
    env)
      while [ "$lab_count" -gt 0 ] && IFS= read -r lab_line <&9; do
        lab_env="$lab_env$lab_line
"
        lab_count=$((lab_count - 1))
      done ;;
    file)
      while [ "$lab_count" -gt 0 ] && IFS= read -r lab_line <&9; do
        printf '%s\n' "$lab_line"
        lab_count=$((lab_count - 1))
      done >"$lab_work/$lab_name" ;;
    tar) head -c "$lab_count" <&9 | tar -xf - -C / >/dev/null 2>&1; say "unpacked\0037$?" ;;
    ports) ports ;;
    silent) mkfifo "$lab_work/stdin" && lab_stdin=$lab_work/stdin ;;
    keep) rest_for_ever ;;
    quit) exit 0 ;;
    go) break ;;
  esac
done
[ "$lab_verb" = go ] || exit 0

control &
lab_reader=$!
run script ''
lab_code=$?
usage
say "script\0037$lab_code"
if [ -e "$lab_work/after" ] && [ ! -e "$lab_work/gone" ]; then
  [ -e "$lab_work/eof" ] && lab_stdin=/dev/null
  run after "$lab_code"
  say "after\0037$?"
fi
usage
reports
say done
wait "$lab_reader"
