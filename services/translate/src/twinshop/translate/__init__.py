"""
The translator: what a person wrote first (the memory), then a machine, then the original text.

`service` (the port: where a text's translation comes from), `memory` (the translation memory and its search), `engine`
(what a machine translator offers), `apertium/` (one: mode files, long-lived pipelines, the stream between), `neural/`
(another: models from a folder), `kept` (what no machine touches), `pieces` and `turns` (what both machines share),
`routes` (the port over HTTP), `settings`, `wiring` (how the service is put together), `app` (the same as a component),
`cli/` (the command `translate`), `models` (the command for the folder of models).
"""
