"""The workflow canvas and the panels around it. State lives in the browser (editor.js); the server hears of finished gestures."""
