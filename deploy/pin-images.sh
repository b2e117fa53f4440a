#!/bin/sh
# Writes the digest of today behind every public image in deploy/images.txt, and into each file that names it:
#   deploy/pin-images.sh            python:3.13-slim becomes python:3.13-slim@sha256:…
#   deploy/pin-images.sh --tags     back to the tags alone
# Needs docker buildx and the registry; what cannot be looked up stays as it is, and the exit code is then 1.
set -eu
cd "$(dirname "$0")/.."
failed=0

files() {
  printf '%s\n' deploy/images.txt
  find . -name .venv -prune -o -name .tools -prune -o -name node_modules -prune -o -type f \
    \( -name '*Dockerfile' -o -path './compose/*.yaml' -o -path './deploy/swarm/*.yaml' \
    -o -path './lab/src/twinshop/lab/environments/*/*.py' -o -path './lab/src/twinshop/lab/bench/images.py' \) -print
}

# The part of a line before its digest is the name and the tag; what follows a name here never begins with @ or a letter.
for image in $(sed -e '/^#/d' -e '/^$/d' deploy/images.txt); do
  tag=${image%@*}
  if [ "${1:-}" = --tags ]; then
    pinned=$tag
  elif digest=$(docker buildx imagetools inspect "$tag" --format '{{json .Manifest}}' 2>/dev/null |
    sed -n 's/.*"digest": *"\(sha256:[0-9a-f]\{64\}\)".*/\1/p' | head -n 1) && [ -n "$digest" ]; then
    pinned=$tag@$digest
  else
    echo "$tag: its digest cannot be looked up (no registry?); it stays $image" >&2
    failed=1
    continue
  fi
  escaped=$(printf %s "$tag" | sed 's/[.]/\\./g')
  files | while read -r file; do
    grep -q "$escaped" "$file" || continue
    new=$(sed "s#\(^\|[^A-Za-z0-9/.-]\)$escaped\(@sha256:[0-9a-f]\{64\}\)\{0,1\}\([^A-Za-z0-9.@-]\|\$\)#\1$pinned\3#g" "$file"; echo .)
    printf %s "${new%.}" >"$file"
  done
  echo "$pinned"
done
exit "$failed"
