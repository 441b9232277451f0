"""The front door for people: page config, who may come in, and navigation; nothing else."""

import streamlit as st

from app import event_log
from app.services import shared
from app.widgets import door, problems, upkeep

event_log.start()
upkeep.spare_keras()
st.set_page_config(page_title="Iris Loop", page_icon="🌸", layout="wide")

if door.admitted():
    page = st.navigation(
        [
            st.Page("app/pages/loop.py", title="Loop", icon=":material/cycle:", default=True),
            st.Page("app/pages/data.py", title="Data", icon=":material/table_chart:"),
            st.Page("app/pages/train.py", title="Train", icon=":material/model_training:"),
            st.Page("app/pages/score.py", title="Score", icon=":material/target:"),
            st.Page("app/pages/test.py", title="Test", icon=":material/fact_check:"),
            st.Page("app/pages/retrain.py", title="Retrain", icon=":material/rate_review:"),
            st.Page("app/pages/cloud.py", title="Cloud", icon=":material/cloud:"),
        ]
    )
    with problems.shown():
        page.run()
        # Only now, and after the browser had its time: TensorFlow takes the processor for seconds.
        shared().warm_up(after=4)
