# Viridian's daemon: compiled JavaScript and production dependencies on Node 24, as a user without rights.
FROM node:24-alpine AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npx tsc -p tsconfig.build.json && cp src/viridian.mjs dist/ && rm -rf dist/simulator dist/cli/demo* dist/cli/azure.js \
  && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-semi-space-size=1", "dist/viridian.mjs"]
CMD ["run", "--config", "/config/viridian.yaml"]
