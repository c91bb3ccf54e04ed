from shoplake.quality.alerts.channels import PartlyDeliveredError


def test_a_message_that_some_recipients_have_is_not_sent_again_and_one_line_says_so(scene, stop, caplog):
    scene.channel.error = PartlyDeliveredError({"a@b": (550, b"no")})
    scene.run(stop)

    outcomes = {row["status"]: row["error"] for row in scene.alerts._outbox.rows()}
    assert outcomes == {"pending": None, "sent": "PartlyDeliveredError"}
    assert scene.alerts.undelivered == 0
    assert "message to webhook:ops is not delivered to every recipient: PartlyDeliveredError" in caplog.text
