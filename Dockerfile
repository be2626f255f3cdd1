# syntax=docker/dockerfile:1
FROM node:20-bookworm-slim AS assets
WORKDIR /src/web/static
COPY web/static/package.json web/static/package-lock.json web/static/.npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && touch node_modules/.stamp

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/web/static/node_modules web/static/node_modules
# The generated templates are committed; the asset stamp is in place: only Go is left to do.
RUN mkdir -p .make && touch .make/generated && make build && mkdir -p /volume/data && chmod 700 /volume /volume/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/bin/console /console
# The volume is the parent of the data directory and of the key beside it.
COPY --from=build --chown=65532:65532 /volume /var/lib/sampan
ENV CONSOLE_ADDR=:8080 \
    CONSOLE_DATA_DIR=/var/lib/sampan/data \
    CONSOLE_LOG_FORMAT=json
USER 65532:65532
VOLUME /var/lib/sampan
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=5s CMD ["/console", "healthcheck"]
ENTRYPOINT ["/console"]
CMD ["serve"]
