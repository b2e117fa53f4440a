#!/bin/sh
# Makes the secrets of both shapes, random, for the stack $STACK (twinshop); those that are there already stay.
set -eu
stack=${STACK:-twinshop}

for name in storefront cart-redis catalog-db payment-db shop-db catalog-db-owner payment-db-owner shop-db-owner; do
  docker secret inspect "${stack}_$name" >/dev/null 2>&1 && continue
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | docker secret create "${stack}_$name" - >/dev/null
done
