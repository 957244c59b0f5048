"""Tables, one a file: ``tabulate(run)`` gives a `Table`."""
