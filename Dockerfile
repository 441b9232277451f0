# The dashboard in a container: docs/container.md says how to run it, and what it relies on.
FROM python:3.13-slim-trixie

RUN useradd --uid 1000 --no-create-home iris && install --directory --owner=iris /data
WORKDIR /srv/iris-loop
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY .streamlit/config.toml .streamlit/
COPY streamlit_app.py cli.py ./
COPY app app
COPY aws aws
COPY data data
COPY iris_core iris_core
COPY lambda_src lambda_src

ENV IRIS_HOME=/data PYTHONUNBUFFERED=1 STREAMLIT_SERVER_HEADLESS=true STREAMLIT_SERVER_PORT=8501
VOLUME /data
EXPOSE 8501
USER 1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"STREAMLIT_SERVER_PORT\"]}/_stcore/health', timeout=4)"]
# No shell between: the signal to stop reaches the dashboard, which ends and saves its local cloud.
CMD ["python", "-m", "streamlit", "run", "streamlit_app.py", "--server.address", "0.0.0.0"]
