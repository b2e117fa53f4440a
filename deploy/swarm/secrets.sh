#!/bin/sh
# Makes the secrets of both shapes, random, for the stack $STACK (twinshop); those that are there already stay.
set -eu
stack=${STACK:-twinshop}

# make NAME: a secret, from standard input.
make() { docker secret inspect "${stack}_$1" >/dev/null 2>&1 || docker secret create "${stack}_$1" - >/dev/null; }
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

random | make storefront
for name in catalog payment shop; do
  case $name in shop) host=database ;; *) host=$name-db ;; esac
  docker secret inspect "${stack}_$name" >/dev/null 2>&1 && continue
  password=$(random)
  printf %s "$password" | make "$name-db"
  printf %s "postgresql://twinshop:$password@$host/$name" | make "$name"
done
