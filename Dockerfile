# The image of shoplake, with the packages of uv.lock and all extras. Build it from the root of a checkout:
#   docker build -t shoplake .
# Base images are named by digest: the same file makes the same image.
FROM ghcr.io/astral-sh/uv:0.12.23@sha256:61d393e44e249f2e4b526b6c7ddcecce245946826e608e11c93ad4f5bba55b21 AS uv

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/shoplake
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
# The packages are a layer of their own, which stays while only the code changes.
RUN uv sync --locked --no-dev --all-extras --no-install-project
COPY src ./src
RUN uv sync --locked --no-dev --all-extras --no-editable
RUN /opt/shoplake/bin/shoplake --version

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS runtime
COPY --from=build /opt/shoplake /opt/shoplake
ENV PATH=/opt/shoplake/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
# The project: shoplake.toml and what it names. A project of your own: FROM shoplake, and COPY . /shop
RUN install -d -m 0750 -o 10001 -g 10001 /shop
WORKDIR /shop
USER 10001:10001
ENTRYPOINT ["shoplake"]
CMD ["--help"]
