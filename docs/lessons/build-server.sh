#!/usr/bin/env bash
# The build server of lesson 9, as git's hook `post-receive`: tests each pushed commit, builds its image, and publishes it.
set -euo pipefail
repository=${REPOSITORY:-localhost:5001/hello}
while read -r _ commit _; do
  sources=$(mktemp -d)
  git archive "$commit" | tar -x -C "$sources"
  version=${commit:0:7}
  if ! python3 "$sources/hello.py" | grep -q Python; then
    echo "build server: $version fails its test, nothing is published"
    exit 1
  fi
  docker build -q --label "org.opencontainers.image.revision=$commit" -t "$repository:$version" -t "$repository:latest" "$sources" > /dev/null
  docker push -q "$repository:$version" > /dev/null
  docker push -q "$repository:latest" > /dev/null
  rm -r "$sources"
  echo "build server: $version is tested and published"
done
