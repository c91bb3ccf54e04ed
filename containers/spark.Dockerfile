# A Spark Connect server for shoplake: Spark 4.2, Delta 4.4, and the Python and packages that shoplake's functions need.
#   docker build -t shoplake-spark -f containers/spark.Dockerfile containers
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-21-jre-headless procps && \
    rm -rf /var/lib/apt/lists/*
COPY spark-requirements.txt /opt/
RUN python -m venv /opt/spark && /opt/spark/bin/pip install --no-cache-dir -r /opt/spark-requirements.txt
ENV PATH=/opt/spark/bin:$PATH HOME=/tmp PYSPARK_PYTHON=/opt/spark/bin/python SPARK_NO_DAEMONIZE=1
COPY spark-defaults.conf /opt/spark-conf/spark-defaults.conf
ENV SPARK_CONF_DIR=/opt/spark-conf
# Delta's jars are fetched once, here, and not by each server that starts.
RUN spark-submit --version && python -c "from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate().stop()" && \
    chmod -R a+rX /opt/ivy
USER 10001:10001
WORKDIR /tmp
EXPOSE 15002
ENTRYPOINT ["spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
# More options of spark-submit go before this word.
CMD ["spark-internal"]
