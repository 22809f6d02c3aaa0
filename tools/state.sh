# Shared by the scripts that bring up, preview and take down: whether a stack is in its backend, and how it gets there.
# Sourced after forecast.sh, never run: it uses $stack, $work and in_stack.

# state_folder: Pulumi's own, where the backend is a folder; else nothing.
state_folder() {
  local backend; backend=$(in_stack printenv PULUMI_BACKEND_URL || true)
  case "$backend" in
    file://*) backend=${backend#file://}; backend=${backend%%\?*}; printf '%s/.pulumi\n' "${backend/#\~/$HOME}" ;;
  esac
}

# free_dead_locks: an engine that was killed leaves its lock in such a folder, and the next one would refuse.
free_dead_locks() {
  local folder; folder=$(state_folder)
  [ -z "$folder" ] || .venv/bin/python tools/dead_locks.py "$folder/locks" "$stack" >&2
}

# kept_state ACTION: of such a folder, see tools/kept_state.py. Copies lie in the clone.
kept_state() {
  local folder; folder=$(state_folder)
  [ -z "$folder" ] || .venv/bin/python tools/kept_state.py "$1" "$folder" "$stack" "$EDGEWAY_ROOT/.local/pulumi/kept" >&2
}

# take_up_what_was_cut_off: a run that died, or whose last question Azure did not answer, says in the state what it was
# about, not how far it came. That is looked at first, or the plan would be made for what is no more, and without what was
# just made.
take_up_what_was_cut_off() {
  in_stack pulumi stack export --stack "$stack" > "$work/state.json"
  local pending; pending=$(.venv/bin/python -m tools.pending told < "$work/state.json")
  if [ -z "$pending" ]; then return; fi
  say "an earlier run was cut off while $(paste -sd, <<< "$pending" | sed 's/,/, /g'): a refresh looks at what it has left"
  in_stack python -m tools.pending take-up < "$work/state.json" > "$work/taken-up.json"
  put_state "$work/taken-up.json"
  step "pulumi refresh" engine refresh
  in_stack pulumi stack export --stack "$stack" > "$work/state.json"
  local status=0
  .venv/bin/python -m tools.pending ours "$work/taken-up.json" < "$work/state.json" > "$work/ours.json" || status=$?
  case $status in 0) put_state "$work/ours.json" ;; 3) ;; *) return "$status" ;; esac
}

# keep_what_got_no_answer LOG: of a create that failed the engine keeps nothing, though Azure may have made it: a lost
# connection, a Ctrl-C. Where the log of an `up` has such creates, the next run takes them up.
keep_what_got_no_answer() {
  free_dead_locks  # where the engine was killed just now, nobody else could say what it left
  in_stack pulumi stack export --stack "$stack" > "$work/state.json" || return 0
  if in_stack python -m tools.pending take-up "$1" < "$work/state.json" > "$work/taken-up.json"; then
    put_state "$work/taken-up.json"
  fi
}

put_state() {
  in_stack pulumi stack import --stack "$stack" --file "$1" --non-interactive > "$work/said.txt" 2>&1 || { cat "$work/said.txt" >&2; return 1; }
}

# there_is_a_stack: whether the backend has it. Pulumi writes into an empty folder as soon as it is asked of its stacks,
# so a folder is looked into instead.
there_is_a_stack() {
  local folder; folder=$(state_folder)
  if [ -n "$folder" ]; then
    folder+=/stacks/edgeway  # beside it lies a .bak, also of a stack that was removed
    [ -e "$folder/$stack.json" ] || [ -e "$folder/$stack.json.gz" ]
    return
  fi
  in_stack pulumi stack ls --project edgeway --json > "$work/stacks.json" || exit $?
  .venv/bin/python -c 'import json, sys; names = {one["name"].rpartition("/")[2] for one in json.load(sys.stdin)}; sys.exit(sys.argv[1] not in names)' \
    "$stack" < "$work/stacks.json"
}

# of_stack_file NAME FILE: the value of one of Pulumi's own keys at the top of a stack file, or nothing.
of_stack_file() { sed -n "s/^$1:[[:space:]]*//p" "$2" | sed "s/[[:space:]]*\$//; s/^\([\"']\)\(.*\)\1\$/\2/"; }

# new_stack FILE OPTIONS...: makes the stack with the secrets provider that its file names. Where Pulumi is not told, it
# takes its default, a passphrase, and puts that into the file in place of the provider and of the key that only that
# provider can open.
new_stack() {
  local file=$1 provider; shift
  provider=$(of_stack_file secretsprovider "$file")
  in_stack pulumi stack init "$stack" --non-interactive ${provider:+--secrets-provider "$provider"} "$@"
}

# backend_url: where the state is, by the variable or by the last `pulumi login`.
backend_url() {
  in_stack printenv PULUMI_BACKEND_URL || in_stack pulumi whoami --verbose | sed -n 's/^Backend URL: //p'
}

# select_stack: the backend's, or a new one. What encrypts the secrets of a stack that others use is its user's to say.
select_stack() {
  local file="Pulumi.$stack.yaml"
  if there_is_a_stack; then in_stack pulumi stack select "$stack" --non-interactive; return; fi
  if [ "$stack" != local ] && [ -z "$(of_stack_file secretsprovider "$file")$(of_stack_file encryptionsalt "$file")" ]; then
    local backend; backend=$(backend_url)
    case "$backend" in http://*|https://*) ;;  # Pulumi Cloud has keys of its own
      *) die "the stack '$stack' is not in $backend, and $file names nothing that would encrypt its secrets. Make it once:
  tools/stack.sh $stack pulumi stack init $stack --secrets-provider azurekeyvault://<vault>.vault.azure.net/keys/<key>
(docs/azure.md, first run, step \"State\"; --secrets-provider passphrase for a first look), and commit what that writes" ;;
    esac
  fi
  new_stack "$file"
}
