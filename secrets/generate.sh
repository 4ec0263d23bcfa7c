#!/bin/sh
# Makes the secrets of docker-compose.yml; those that are there stay as they are.
#   ./secrets/generate.sh [FOLDER]
set -eu
cd "${1:-$(dirname "$0")}"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
# Only this folder's mode keeps others on this machine out: the files are mounted one by one into containers that run
# under other users, which must be able to read them.
chmod 700 .
umask 022

made() { printf 'made %s\n' "$1"; }
if [ ! -s postgres_password ] || [ ! -s database_url ]; then
  # Together, because one holds the other. A database that exists keeps the password it was made with.
  if [ -s postgres_password ]; then password=$(cat postgres_password); else password=$(random); fi
  printf '%s\n' "$password" >postgres_password
  printf 'postgres://dxaflow:%s@postgres:5432/dxaflow\n' "$password" >database_url
  made 'postgres_password, database_url'
fi
if [ ! -s redis.conf ] || [ ! -s queue_url ]; then
  password=$(random)
  printf 'requirepass %s\n' "$password" >redis.conf
  printf 'redis://:%s@redis:6379\n' "$password" >queue_url
  made 'redis.conf, queue_url'
fi
