# What the repository needs to run, test and build (docs/platforms.md); the engine is that of the machine outside.
FROM python:3.13-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends curl docker-buildx docker-cli docker-compose git make procps sudo \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --shell /bin/bash student && echo 'student ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/student
USER student
