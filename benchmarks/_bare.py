"""The smallest flow there is: what Prefect's own start costs."""

from prefect import flow, task


@task
def first() -> None:
    print("first stage", flush=True)


@flow
def bare() -> None:
    first()


if __name__ == "__main__":
    bare()
