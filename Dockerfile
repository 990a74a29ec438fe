# The program alone, without shell or system. Build it with:
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t yanlu .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X yanlu/internal/app.version=${VERSION}" -o /out/yanlu . \
 && install -d /out/data \
 && install -d -m 1777 /out/tmp \
 && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ca-certificates.crt

FROM scratch
# 65532 is nobody's number but this program's. It owns /data, for SQLite and files.
COPY --from=build --chown=65532:65532 /out/ /
USER 65532:65532
# Within a container the loopback address is reached by nobody.
ENV YANLU_LISTEN=0.0.0.0:8080
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/yanlu"]
# Never the demo: serve refuses to start until it is configured.
CMD ["serve"]
