# Viridian's daemon: compiled JavaScript and production dependencies on Node 24, as a user without rights.
FROM node:24-alpine AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
# The local Azure is for checkouts: the image has the daemon and its config check only.
RUN npx tsc -p tsconfig.build.json && cp src/viridian.mjs dist/ && rm -rf dist/simulator dist/simulation dist/cli/demo* dist/cli/azure.js dist/cli/simulate.js dist/cli/soak.js

FROM node:24-alpine AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional

FROM node:24-alpine
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /app
RUN mkdir state && chown node:node state
COPY package.json ./
COPY --from=dependencies /dependencies/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=1", "dist/viridian.mjs"]
CMD ["run", "--config", "/config/viridian.yaml"]
