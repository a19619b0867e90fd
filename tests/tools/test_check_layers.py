"""The layer check, on small trees with one fault planted in each."""

import pathlib

import check_layers

ROOT = pathlib.Path(__file__).resolve().parents[2]


def plant(tmp_path, **files):
    """Writes files named like src__base__a_h into a tree that is otherwise in order."""
    tree = {"src/base/span.h": "", "src/wire/event.h": '#include "base/span.h"\n'}
    tree.update({name.replace("__", "/").replace("_h", ".h").replace("_c", ".c"): text for name, text in files.items()})
    for name, text in tree.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return check_layers.findings(tmp_path)


def test_this_tree_keeps_its_layers():
    assert check_layers.findings(ROOT) == []


def test_a_tree_in_order_gives_no_finding(tmp_path):
    assert plant(tmp_path) == []


def test_an_include_that_points_up_is_found_with_its_line(tmp_path):
    found = plant(tmp_path, src__base__a_c='#include <stdio.h>\n\n#  include "wire/event.h"\n')
    assert found == ["src/base/a.c:3: base must not include wire/event.h: wire is not below it"]


def test_an_upward_include_of_a_generated_header_is_found_by_its_room(tmp_path):
    assert len(plant(tmp_path, src__base__a_c='#include "store/schema_text.h"\n')) == 1


def test_an_upward_include_by_a_relative_path_is_found(tmp_path):
    assert len(plant(tmp_path, src__base__a_c='#include "../wire/event.h"\n')) == 1


def test_the_command_knows_only_the_public_headers(tmp_path):
    good = '#include <grantex/client.h>\n#include "cli/output.h"\n'
    tree = {"include__grantex__client_h": "", "src__cli__output_h": "", "src__cli__main_c": good}
    assert plant(tmp_path, **tree) == []
    tree["src__cli__main_c"] = good + '#include "lib/stream.h"\n#include "base/span.h"\n'
    assert [line.split(":")[1] for line in plant(tmp_path, **tree)] == ["3", "4"]


def test_a_public_header_includes_no_room(tmp_path):
    assert len(plant(tmp_path, include__grantex__client_h='#include "base/span.h"\n')) == 1


def test_the_server_does_not_know_the_client_library(tmp_path):
    tree = {"include__grantex__client_h": "", "src__api__call_c": "#include <grantex/client.h>\n"}
    assert len(plant(tmp_path, **tree)) == 1


def test_a_cycle_of_includes_is_found(tmp_path):
    tree = {"src__base__a_h": '#include "base/b.h"\n', "src__base__b_h": '#include "a.h"\n'}
    assert plant(tmp_path, **tree) == ["include cycle: src/base/a.h -> src/base/b.h -> src/base/a.h"]


def test_a_file_in_no_room_is_found(tmp_path):
    assert plant(tmp_path, src__attic__a_c="") == ["src/attic/a.c: stands in no known room"]


def test_a_library_known_to_two_files_is_found(tmp_path):
    tree = {"src__lib__a_c": "#include <curl/curl.h>\n", "src__lib__b_c": "#include <curl/multi.h>\n"}
    assert plant(tmp_path, **tree) == ["curl is known to more than one file: src/lib/a.c, src/lib/b.c"]


def test_a_library_may_be_known_to_one_file_of_the_server_and_one_of_the_client(tmp_path):
    tree = {"src__lib__a_c": "#include <curl/curl.h>\n", "src__hooks__b_c": "#include <curl/curl.h>\n"}
    assert plant(tmp_path, **tree) == []
    tree["src__http__c_c"] = tree["src__lib__a_c"]
    assert plant(tmp_path, **tree) == ["curl is known to more than one file: src/hooks/b.c, src/http/c.c"]


def test_the_command_may_know_a_library_that_the_library_below_it_knows_too(tmp_path):
    tree = {"src__lib__a_c": "#include <curl/curl.h>\n", "src__cli__b_c": "#include <curl/curl.h>\n"}
    assert plant(tmp_path, **tree) == []
    tree["src__cli__c_c"] = tree["src__cli__b_c"]
    assert plant(tmp_path, **tree) == ["curl is known to more than one file: src/cli/b.c, src/cli/c.c"]


def test_an_empty_tree_is_a_finding(tmp_path):
    assert len(check_layers.findings(tmp_path)) == 1
