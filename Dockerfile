FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/wikic
WORKDIR /src
# The dependencies have a layer of their own: they change less often than the code.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']))" >requirements.txt \
    && /opt/wikic/bin/pip install --quiet --constraint constraints.txt --requirement requirements.txt
COPY . .
RUN /opt/wikic/bin/pip install --quiet --no-deps .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Wiki-C" \
      org.opencontainers.image.description="An open, moderated, versioned framework of occupations and competencies" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/wikic --create-home wikic
COPY --from=build /opt/wikic /opt/wikic
ENV PATH=/opt/wikic/bin:$PATH PYTHONUNBUFFERED=1 WIKIC_DATA=/var/lib/wikic WIKIC_LOG=json
USER wikic
VOLUME /var/lib/wikic
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["wikic"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
