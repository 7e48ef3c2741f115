"""Published against computed: codes and numbers."""
