"""Tags of Liquid, Nunjucks, Eleventy, Jekyll and Hugo."""

from __future__ import annotations

import pytest

from tests.unit.importers.helpers import body


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('[x]({% page "/leave/#annual" %})', "[x](/leave/#annual)"),
        ('[x]({% page\n  "tools/slack" %})', "[x](/tools/slack)"),
        ('[x]({%page "/a/"%})', "[x](/a/)"),
        ("[x]({% link _docs/a.md %})", "[x](/_docs/a.md)"),
        ('[x]({% link "https://example.org/?a=1&b=2" %})', "[x](https://example.org/?a=1&b=2)"),
        ('[x]({% download "files/my form.pdf" %})', "[x](/files/my%20form.pdf)"),
        ("[x]({{ site.baseurl }}/a/)", "[x](/a/)"),
        ("[x]({{site.base_url}}/a/)", "[x](/a/)"),
        ("[x]({{ '/a/' | relative_url }})", "[x](/a/)"),
        ('[x]({{< ref "a.md#b" >}})', "[x](a.md#b)"),
        ('[x]({{% relref "/a" %}})', "[x](/a)"),
    ],
)
def test_a_tag_for_a_link_becomes_its_path(source: str, expected: str) -> None:
    assert body(source) == expected


def test_a_slack_channel_becomes_its_name() -> None:
    assert body('Ask in {% slack_channel "help" %}.') == "Ask in #help."
    assert body('{% slack_channel "#help" %}') == "#help"
    assert body('{% slack_channel "vets" "Veterans" %}') == "Veterans (#vets)"
    assert body('{% slack_channel "g-x" "Guild (#g-x)" %}') == "Guild (#g-x)"


def test_an_alert_becomes_a_quotation() -> None:
    assert body("{% alert %}\n  Careful.\n\n  - a\n{% endalert %}\n") == "> Careful.\n>\n> - a"
    assert body('{% alert "Heads up!" %}\n  Text\n{% endalert %}') == "> **Heads up!**\n>\n> Text"
    assert body('{% alert "", "warning" %}\nText\n{% endalert %}') == "> **Warning:**\n>\n> Text"
    assert body("{{% notice tip %}}\nText\n{{% /notice %}}") == "> **Tip:**\n>\n> Text"
    assert body('{{< hint title="Mind" >}}Text{{< /hint >}}') == "> **Mind**\n>\n> Text"


def test_an_alert_stays_in_its_list_item() -> None:
    assert body("- a\n  {% alert %}\n  b\n  {% endalert %}\n- c") == "- a\n\n  > b\n\n- c"


def test_code_inside_an_alert_is_kept() -> None:
    source = "{% alert %}\n```sh\n{% raw %} <b>\n\n  x\n```\n{% endalert %}"
    assert body(source) == "> ```sh\n> {% raw %} <b>\n>\n>   x\n> ```"


def test_comments_go_with_their_content() -> None:
    assert body("a {% comment %}TODO {% x %} `y`{% endcomment %}\n\n{# no #}\nb") == "a\n\nb"
    assert body("- a {% comment %}x{% endcomment %}\n- b") == "- a\n- b"


def test_raw_text_is_unwrapped_and_taken_literally() -> None:
    assert body("{% raw %}{{ page.title }} {% x %}{% endraw %}") == "{{ page.title }} {% x %}"


def test_highlighted_code_becomes_a_fenced_block() -> None:
    source = "{% highlight ruby linenos %}\ndef {{ x }}\n\n    <b>\n{% endhighlight %}\nafter"
    assert body(source) == "```ruby\ndef {{ x }}\n\n    <b>\n```\n\nafter"
    assert body("{{< highlight go >}}\na ``` b\n{{< /highlight >}}") == "````go\na ``` b\n````"


def test_code_about_tags_is_never_touched() -> None:
    source = '```\n{% raw %}{% page "x" %}{% endraw %}\n{{ x }}\n```\n\n`{% x %}` and ``{{ ` }}``\n\n    {% indented %}'
    assert body(source) == source


def test_unknown_tags_go_and_the_text_between_them_stays() -> None:
    assert body("{% if a %}yes{% else %}no{% endif %}") == "yes no"
    assert body('a\n{% include "x.html"\n y: 1 %}\nb {{ user.name }}!') == "a\nb !"
    assert body("{% set x = 'Some words' %}text{% endfor %}") == "text"


def test_the_words_of_an_unknown_tag_are_kept_if_people_can_read_them() -> None:
    assert body('{% badge "In review" %}') == "In review"
    assert body('x{% badge "Deprecated" %}') == "xDeprecated"
    assert body('x{% icon "Some icon" %}{% uswds "campaign" %}{% css "My style.css" %}') == "x"
    assert body('{% tab title="Linux" %}\napt\n{% endtab %}') == "**Linux**\n\napt"


def test_an_image_tag_becomes_its_description_if_the_image_is_missing() -> None:
    assert body('{% image "_img/a.png" "the door" %}') == "*the door*"
    assert body('{% image "_img/a.png" "don\'t click "allow"" %}') == '*don\'t click "allow"*'
    assert body('{% image_with_class "_img/a.png" "border" "the door" %}') == "*the door*"
    assert body('{{< figure src="a.png" alt="the door" caption="Our door" >}}') == "*the door*\n\n*Our door*"


def test_brackets_that_are_no_tags_stay() -> None:
    assert body("{% never closed and {{ neither") == "{% never closed and {{ neither"
    assert body("100% {a} %} }}") == "100% {a} %} }}"


def test_a_raw_tag_that_is_never_closed_goes_alone() -> None:
    assert body("{% raw %}\na {{ b }}\n\n{% raw %}{{ c }}{% endraw %}") == "a\n\n{{ c }}"


def test_what_a_tag_leaves_behind_is_not_an_indentation() -> None:
    assert body("-   {% include x %}   a\n-   &nbsp;  b\n-   :material-x: &nbsp; c") == "-   a\n-   b\n-   c"
