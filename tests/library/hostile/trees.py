"""Hostile sticks by what lies where: links, pipes, devices, holes, bombs of names, things of the wrong kind."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from estation_box.library import said
from estation_wire import stick as layout
from tests.library.hostile.scene import METADATA, STATION, TIMESTAMP, Attack, Scene

TERABYTE = 2**40
MANY = 100_000
DEPTH = 2000


def replaced(path: Path, make: Callable[[Path], object]) -> None:
    """Put something else in the place of a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, TERABYTE)


def device(path: Path) -> None:
    """An endless device; where one may not make it, a link to it."""
    try:
        os.mknod(path, 0o20666, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")


def bound(path: Path) -> None:
    """A socket; the path may be longer than a socket's name can be."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def moved_out(scene: Scene, path: Path) -> None:
    """The very thing lies outside the stick, and a link leads there."""
    there = scene.outside / path.name
    shutil.move(path, there)
    path.symlink_to(there)


def a_film_is_a_link_outside(scene: Scene) -> None:
    """Tries to have the box read a file that is not on the stick, by a link in a film's place."""
    moved_out(scene, scene.film)


def a_film_is_a_link_to_the_root(scene: Scene) -> None:
    """Tries to have the box take its own root folder for a film."""
    replaced(scene.film, lambda path: path.symlink_to("/"))


def a_film_is_a_link_to_itself(scene: Scene) -> None:
    """Tries to have the box walk in circles."""
    replaced(scene.film, lambda path: path.symlink_to(path.name))


def the_library_is_a_link_outside(scene: Scene) -> None:
    """Tries to have the box read a whole library through a link."""
    moved_out(scene, scene.root / "library")


def the_profiles_are_a_link_outside(scene: Scene) -> None:
    """Tries to have the box list a folder of its own."""
    moved_out(scene, scene.at(layout.PROFILES))


def everything_is_a_link_outside(scene: Scene) -> None:
    """Tries to have the box follow a link in the place of ESTATION."""
    moved_out(scene, scene.root)


def hard_links_everywhere(scene: Scene) -> None:
    """Tries to have the box write its receipt into a file that bears a second name elsewhere."""
    secret = scene.outside / "secret"
    folder = scene.at(layout.returned(STATION))
    folder.mkdir(parents=True)
    for name in (
        layout.RECEIPT,
        layout.RECEIPT_PAGE,
        layout.REQUEST,
        f".{layout.RECEIPT}.new",
        f".{layout.REQUEST}.new",
    ):
        os.link(secret, folder / name)
    for number in range(100):
        os.link(scene.film, scene.at(layout.CONTENT) / f"{number:064x}")


def a_pipe_for_the_timestamp(scene: Scene) -> None:
    """Tries to have the box wait for ever on a pipe in the place of metadata."""
    replaced(scene.at(TIMESTAMP), os.mkfifo)


def a_pipe_for_the_next_root(scene: Scene) -> None:
    """Tries to have the box wait for ever where it looks for a change of keys."""
    replaced(scene.at(f"{METADATA}/2.root.json"), os.mkfifo)


def a_pipe_for_the_catalogue(scene: Scene) -> None:
    """Tries to have the box wait for ever on a pipe in the place of a document."""
    replaced(scene.document("catalogue.json"), os.mkfifo)


def a_pipe_for_the_profile(scene: Scene) -> None:
    """Tries to have the box wait for ever on a pipe in the place of its profile."""
    replaced(scene.profile, os.mkfifo)


def a_pipe_for_a_film(scene: Scene) -> None:
    """Tries to have the box wait for ever on a pipe in the place of a film."""
    replaced(scene.film, os.mkfifo)


def a_pipe_for_a_block_list(scene: Scene) -> None:
    """Tries to have the box wait for ever on a pipe in the place of a block list."""
    replaced(scene.at(layout.block_list(scene.films[0])), os.mkfifo)


def pipes_for_certificate_and_receipt(scene: Scene) -> None:
    """Tries to have the box wait for ever where it reads its certificate, and where it writes."""
    replaced(scene.at(layout.certificate(STATION)), os.mkfifo)
    for name in (layout.RECEIPT, layout.RECEIPT_PAGE, f".{layout.RECEIPT}.new"):
        replaced(scene.at(f"{layout.returned(STATION)}/{name}"), os.mkfifo)


def a_socket_for_a_film(scene: Scene) -> None:
    """Tries to have the box open a socket."""
    replaced(scene.film, bound)


def a_device_for_a_film(scene: Scene) -> None:
    """Tries to have the box read an endless device."""
    replaced(scene.film, device)


def a_device_for_the_profile(scene: Scene) -> None:
    """Tries to have the box read an endless device as a document."""
    replaced(scene.profile, device)


def a_film_of_a_terabyte(scene: Scene) -> None:
    """Tries to keep the box reading holes for an hour and more."""
    replaced(scene.film, sparse)


def a_timestamp_of_a_terabyte(scene: Scene) -> None:
    """Tries to have the box take a terabyte of metadata into its memory."""
    replaced(scene.at(TIMESTAMP), sparse)


def a_profile_of_a_terabyte(scene: Scene) -> None:
    """Tries to have the box take a terabyte of profile into its memory."""
    replaced(scene.profile, sparse)


def a_block_list_of_a_terabyte(scene: Scene) -> None:
    """Tries to have the box take a terabyte of block list into its memory."""
    replaced(scene.at(layout.block_list(scene.films[0])), sparse)


def many(folder: Path, name: Callable[[int], bytes], count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        for number in range(count):
            os.close(os.open(name(number), os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=descriptor))
    finally:
        os.close(descriptor)


def a_hundred_thousand_profiles(scene: Scene) -> None:
    """Tries to drown the box in names that look like stations'."""
    many(scene.at(layout.PROFILES), lambda number: b"room-%06d.json" % number, MANY)


def a_bomb_of_names_in_every_folder(scene: Scene) -> None:
    """Tries to drown the box wherever it might list a folder."""
    for folder in (METADATA, layout.TARGETS, layout.BLOCKS, layout.CONTENT, layout.ACKS, layout.RETURNED):
        many(scene.at(folder), lambda number: b"%064x" % number, MANY // 50)


def a_nest_of_two_thousand_folders(scene: Scene) -> None:
    """Tries to have the box go down until its stack is used up."""
    for start in (scene.root / "library", scene.at(layout.CONTENT)):
        here = os.open(start, os.O_RDONLY)
        for _ in range(DEPTH):
            os.mkdir("d", dir_fd=here)
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(here)


def all_in_small_letters(scene: Scene) -> None:
    """Tries another case of names, where the stick's file system tells them apart: it is then no stick of ours."""
    scene.root.rename(scene.stick / "estation")


def films_in_capitals(scene: Scene) -> None:
    """Tries films under names in capitals: they are missing, and nothing is guessed."""
    for film in scene.films:
        scene.at(layout.content(film)).rename(scene.at(layout.CONTENT) / film.upper())


def names_that_are_no_text(scene: Scene) -> None:
    """Tries names that are no UTF-8, that hold line breaks, marks for right-to-left, or nothing but dots."""
    names = [
        b"\xff\xfe.json",
        b"\xed\xa0\x80.json",
        b"room\n.json",
        b"hall-0007.json\n",
        "\u202eosj.7000-llah".encode(),
    ]
    names += [b"...json", b"-rf.json", b"%2e%2e%2fhall.json", b"*.json", b"x" * 250 + b".json", b"'; DROP TABLE.json"]
    for folder in (layout.PROFILES, layout.ACKS, layout.RETURNED, METADATA, layout.CONTENT):
        path = scene.at(folder)
        path.mkdir(parents=True, exist_ok=True)
        for name in names:
            (Path(os.fsdecode(os.fsencode(path) + b"/" + name))).write_bytes(b"\xff")


def junk_of_other_systems(scene: Scene) -> None:
    """Tries what Windows, a Mac or a virus leaves on a stick: none of it is opened, none of it is in the way."""
    folders = ["EFI/BOOT", ".Trashes/501", "System Volume Information", "$RECYCLE.BIN", ".Spotlight-V100", "LOST.DIR"]
    for folder in folders:
        (scene.stick / folder).mkdir(parents=True)
    files = ["AUTORUN.INF", "EFI/BOOT/BOOTX64.EFI", "ESTATION.lnk", "ESTATION.exe", ".DS_Store", "._ESTATION"]
    files += [f"ESTATION/{name}" for name in ("Thumbs.db", "desktop.ini", "profiles/Thumbs.db", "profiles/.DS_Store")]
    files += [
        f"{layout.PROFILES}/._{STATION}.json",
        f"{layout.PROFILES}/{STATION} (1).json",
        f"{METADATA}/._timestamp.json",
    ]
    for name in files:
        scene.at(name).write_bytes(b"[autorun]\r\nopen=ESTATION.exe\r\n")


def folders_for_files(scene: Scene) -> None:
    """Tries folders in the places of films and of the next root."""
    replaced(scene.film, Path.mkdir)
    replaced(scene.at(layout.block_list(scene.films[1])), Path.mkdir)


def a_folder_for_the_timestamp(scene: Scene) -> None:
    """Tries a folder in the place of metadata."""
    replaced(scene.at(TIMESTAMP), Path.mkdir)


def a_folder_for_the_profile(scene: Scene) -> None:
    """Tries a folder in the place of the profile."""
    replaced(scene.profile, Path.mkdir)


def a_file_for_the_library(scene: Scene) -> None:
    """Tries a file in the place of the library's folder."""
    replaced(scene.root / "library", Path.touch)


def a_file_for_everything(scene: Scene) -> None:
    """Tries a file in the place of ESTATION."""
    replaced(scene.root, Path.touch)


def a_file_for_what_is_returned(scene: Scene) -> None:
    """Tries to leave the box no place for its receipt."""
    replaced(scene.at(layout.RETURNED), Path.touch)


def what_is_returned_goes_elsewhere(scene: Scene) -> None:
    """Tries to have the box write its receipt and request outside the stick."""
    replaced(scene.at(layout.RETURNED), lambda path: path.symlink_to(scene.outside))


def the_stations_folder_goes_elsewhere(scene: Scene) -> None:
    """Tries the same with the station's own folder."""
    replaced(scene.at(layout.returned(STATION)), lambda path: path.symlink_to(scene.outside))


def the_receipt_goes_elsewhere(scene: Scene) -> None:
    """Tries to have the box write through links that bear the receipt's own names: they are replaced, not followed."""
    folder = scene.at(layout.returned(STATION))
    for name in (layout.RECEIPT, layout.RECEIPT_PAGE, layout.REQUEST):
        replaced(folder / name, lambda path: path.symlink_to(scene.outside / "secret"))
        replaced(folder / f".{name}.new", lambda path: path.symlink_to(scene.outside / "secret"))


def folders_for_the_receipt(scene: Scene) -> None:
    """Tries folders, not empty, under the receipt's own names."""
    for name in (layout.RECEIPT, layout.RECEIPT_PAGE, layout.REQUEST):
        (scene.at(layout.returned(STATION)) / name / "inner").mkdir(parents=True)


def nothing_but_empty_files(scene: Scene) -> None:
    """Tries files of no length in every place."""
    for path in scene.stick.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


TREES = (
    Attack(a_film_is_a_link_outside, said.NOT_PLAIN),
    Attack(a_film_is_a_link_to_the_root, said.NOT_PLAIN),
    Attack(a_film_is_a_link_to_itself, said.NOT_PLAIN),
    Attack(the_library_is_a_link_outside, said.NOT_PLAIN, takes=False),
    Attack(the_profiles_are_a_link_outside, said.NOT_PLAIN, takes=False),
    Attack(everything_is_a_link_outside, said.NOT_PLAIN, takes=False),
    Attack(hard_links_everywhere, None),
    Attack(a_pipe_for_the_timestamp, said.NOT_PLAIN, takes=False),
    Attack(a_pipe_for_the_next_root, said.NOT_PLAIN, takes=False),
    Attack(a_pipe_for_the_catalogue, said.NOT_PLAIN, takes=False),
    Attack(a_pipe_for_the_profile, said.NOT_PLAIN, takes=False),
    Attack(a_pipe_for_a_film, said.NOT_PLAIN),
    Attack(a_pipe_for_a_block_list, said.NOT_PLAIN),
    Attack(pipes_for_certificate_and_receipt, said.NOT_PLAIN),
    Attack(a_socket_for_a_film, said.NOT_PLAIN),
    Attack(a_device_for_a_film, said.NOT_PLAIN),
    Attack(a_device_for_the_profile, said.NOT_PLAIN, takes=False),
    Attack(a_film_of_a_terabyte, said.CONTENT_SHORT),
    Attack(a_timestamp_of_a_terabyte, said.HALF_COPIED, takes=False),
    Attack(a_profile_of_a_terabyte, said.PROFILE_BROKEN, takes=False),
    Attack(a_block_list_of_a_terabyte, said.CONTENT_DAMAGED),
    Attack(a_hundred_thousand_profiles, said.PROFILE_SEVERAL, takes=False),
    Attack(a_bomb_of_names_in_every_folder, None),
    Attack(a_nest_of_two_thousand_folders, None),
    Attack(all_in_small_letters, said.NOT_OURS, takes=False),
    Attack(films_in_capitals, said.CONTENT_MISSING),
    Attack(names_that_are_no_text, None),
    Attack(junk_of_other_systems, None),
    Attack(folders_for_files, said.NOT_PLAIN),
    Attack(a_folder_for_the_timestamp, said.NOT_PLAIN, takes=False),
    Attack(a_folder_for_the_profile, said.NOT_PLAIN, takes=False),
    Attack(a_file_for_the_library, said.NO_LIBRARY, takes=False),
    Attack(a_file_for_everything, said.NOT_OURS, takes=False),
    Attack(a_file_for_what_is_returned, said.NOT_PLAIN),
    Attack(what_is_returned_goes_elsewhere, said.NOT_PLAIN),
    Attack(the_stations_folder_goes_elsewhere, said.NOT_PLAIN),
    Attack(the_receipt_goes_elsewhere, None),
    Attack(folders_for_the_receipt, said.NOT_PLAIN),
    Attack(nothing_but_empty_files, said.HALF_COPIED, takes=False),
)
