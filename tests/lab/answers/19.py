"""Answers to lesson 19, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_all_available(source, table, checkpoint):
    lines = spark.readStream.format("text").load(source)
    query = lines.writeStream.format("delta").start(table, checkpointLocation=checkpoint)
    query.processAllAvailable()
    query.stop()


def wrong_once(source, table, checkpoint):
    """once=True repeats a batch"""
    writer = spark.readStream.text(source).writeStream.format("delta").trigger(once=True)
    writer.start(table, checkpointLocation=checkpoint).awaitTermination()


def wrong_new_checkpoint(source, table, checkpoint):
    """again and appended"""
    writer = spark.readStream.text(source).writeStream.format("delta").trigger(availableNow=True)
    writer.start(table, checkpointLocation=f"{checkpoint}-{os.urandom(4).hex()}").awaitTermination()


def wrong_not_awaited(source, table, checkpoint):
    """Wait for the query"""
    writer = spark.readStream.text(source).writeStream.format("delta").trigger(availableNow=True)
    writer.start(table, checkpointLocation=checkpoint)


def wrong_names_in_the_table(source, table, checkpoint):
    """the checkpoint was not used"""
    names = F.element_at(F.split(F.input_file_name(), "/"), -1)
    lines = spark.read.text(source).withColumn("file", names)
    if os.path.exists(table):
        lines = lines.join(spark.read.format("delta").load(table).select("file").distinct(), "file", "left_anti")
    lines.write.format("delta").mode("append").save(table)
