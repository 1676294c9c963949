import threading

import pytest

from hornbook.errors import Conflict, Invalid, NotFound
from hornbook.workflows.accounts import Accounts, OneTimeLinks

PASSWORD = "correct horse"


@pytest.fixture
def accounts(database, clock) -> Accounts:
    return Accounts(database, clock)


def test_a_user_gets_in_with_the_password_and_nothing_else(accounts):
    accounts.add_user("anita", PASSWORD)

    assert accounts.is_password("anita", PASSWORD)
    assert not accounts.is_password("anita", "correct house")
    assert not accounts.is_password("nobody", PASSWORD)
    assert not accounts.is_password("anita", "")


def test_somebody_is_known_once_there_is_a_user(accounts):
    assert not accounts.has_users()

    accounts.add_user("anita", PASSWORD)

    assert accounts.has_users()


def test_a_name_is_given_once(accounts):
    accounts.add_user("anita", PASSWORD)

    with pytest.raises(Conflict, match="anita"):
        accounts.add_user(" anita ", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"),
    [("", PASSWORD), ("a\nb", PASSWORD), ("a" * 101, PASSWORD), ("a", " ")],
)
def test_a_strange_name_or_an_empty_password_is_refused(accounts, name, password):
    with pytest.raises(Invalid):
        accounts.add_user(name, password)


def test_a_token_tells_its_owner_and_is_not_kept(accounts, database):
    accounts.add_user("anita", PASSWORD)

    token = accounts.make_token("anita")

    assert accounts.owner_of_token(token) == "anita"
    assert accounts.owner_of_token(token + "x") is None
    with database.read() as session:
        kept = session.connection().exec_driver_sql("SELECT token_hash FROM user_tokens").scalar()
    assert token not in kept


def test_a_token_for_nobody_is_refused(accounts):
    with pytest.raises(NotFound):
        accounts.make_token("nobody")


def test_all_servers_get_one_cookie_secret_whoever_asks_first(database, clock):
    secrets = []
    threads = [
        threading.Thread(target=lambda: secrets.append(Accounts(database, clock).cookie_secret()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(secrets) == 8
    assert len(set(secrets)) == 1


def test_a_link_is_good_once_and_soon(clock):
    links = OneTimeLinks(clock)
    used, late, good = links.make(), links.make(), links.make()

    assert links.take(used)
    assert not links.take(used)
    clock.advance(15 * 60)
    assert links.take(good)
    clock.advance(1)
    assert not links.take(late)
    assert not links.take("guessed")
