"""The load: sessions that arrive whatever the shop does, sent by Locust in a child process; `api` is the way in."""
