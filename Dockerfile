# One image for every process: docker-compose.yml says which one a container runs.
# Given as NODE_IMAGE=node:24-slim@sha256:… it is the same bytes whenever it is built.
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No optional packages: they hold the embedded PostgreSQL (60 MB), and an image is given a DATABASE_URL. No install
# scripts: the only one that matters would fetch a second Node. Neither node nor npm's cache is carried along.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node node_modules/.bin/node

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    DXAFLOW_HOME=/tmp/dxaflow \
    DROP_DIR=/drop \
    ARCHIVE_DIR=/archive \
    HTTP_HOST=0.0.0.0 \
    METRICS_PORT=9380
WORKDIR /app
# A named volume takes over the owner of the folder that it covers.
RUN mkdir /drop /archive && chown node:node /drop /archive && ln -s /app/bin/dxaflow.js /usr/local/bin/dxaflow
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY bin bin
COPY workers workers
COPY src src
USER node
EXPOSE 8380 9380
# Whether the process still turns its event loop; /readyz of the http process says what it can reach.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "workers/all.ts"]
