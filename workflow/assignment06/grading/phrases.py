"""Put a line that speaks of an accuracy or a loss into plain words: no number in it but those that it states.

Each pattern has limits to every repetition, and is asked about lines of limited length: the time is linear in the text.
"""

import re

# Other languages' words too, save those that may mean precision, which is another measure.
ACCURACY = re.compile(
    r"(^|[^a-z]|test|train(?:ings)?|validierungs|validations)(acc|accuracy|categorical_accuracy|acur(?:á|a.?)cia|exactitude?|genauigkeit|accuratezza|nauwkeurigheid|"
    r"do(?:ğ|g.?)rulu(?:k|(?:ğ|g.?)u)|dok(?:ł|l)adno(?:ść|sc)|точность|准确率|akurasi|n(?:ø|o.?|oe)jagtighed|n(?:ø|o.?|oe)yaktighet|noggrannhet|"
    r"tarkkuus|presnost|přesnost|acurat(?:eț|eţ|et.?)e|pontoss(?:á|a.?)g|to(?:č|c.?)nost|ta(?:č|c.?)nost|точність|точност|tikslumas|"
    r"正解率|(?:テスト|検証|訓練|学習|分類|测试|验证|训练|分类)精度|정확도|độ chính xác|do chinh xac|सटीकता)($|[^a-z])",
    re.I,
)
LOSS = re.compile(
    r"(^|[^a-z]|test|train(?:ings)?|validierungs|validations)(loss|crossentropy|cross_entropy|perda|perte|p(?:é|e.?)rdida|perdita|verlust|verlies|kay(?:ı|i.?)p|kayb(?:ı|i.?)|strata|"
    r"потери|损失|kerugian|tab|tap|f(?:ö|o.?)rlust|ztr(?:á|a.?)ta|"
    r"pierdere|vesztes(?:é|e.?)g|gubitak|втрати|загуба|απώλεια|nuostoli(?:s|ai)|kadu|galera|損失|손실|mất mát|mat mat|"
    r"हानि|الخسارة|خسارة|הפסד)($|[^a-z])",
    re.I,
)
_OTHER_WORDS = [
    (ACCURACY, r"\1accuracy\3"),
    (LOSS, r"\1loss\3"),
    (
        re.compile(
            r"entra[iî]nement|apprentissage|entrenamiento|trein(?:o|amento)|addestramento|obuka|eğitim|обучени\w|訓練|训练",
            re.I,
        ),
        "training",
    ),
    (re.compile(r"(?<![a-z])(?:teste|prueba|prova|провер\w{1,4}|тест\w{0,4}|测试|テスト)(?![a-z])", re.I), "test"),
    (
        re.compile(
            r"(?:im(?:á|a.?)gen(?:es|s)?|immagini|bilde?r?n?|obraz\w{0,4}|afbeeldingen|billeder|изображен\w{1,3})(?![a-z])",
            re.I,
        ),
        "images",
    ),
    (re.compile(r"(?:(?:é|e.?)po(?:ca|que)s?|epoche?n?|epok\w{0,2}|эпох\w?)(?![a-z])", re.I), "epochs"),
]

_IDEOGRAPH = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_TOUCHING = re.compile(rf"(?<=[a-z])(?={_IDEOGRAPH})|(?<={_IDEOGRAPH})(?=[a-z])")  # which have no space between words
_NUMBER = r"[-+]?\d{0,3}\.?\d{1,20}(?:[eE][-+]?\d{1,3})?"
_WHICH = r"(?:(?:test|val|validation|train|training)[ _])?"
_UNIT = (
    r"images?|samples?|examples?|pictures?|epochs?|layers?|units?|filters?|neurons?|param\w{0,8}|classes|steps?|folds?|"
    r"minutes?|seconds?|blocks?|runs?|trials?"
)
_LATER = r"(?=[^\n]{0,80}\d)"  # only where another number follows, which then is the one that is stated
_RULES = [
    (r"\b(?:(?:np|numpy)\.)?float\d\d\(|\b(?:tf\.)?tensor\(", ""),
    (r"\bcifar[ _-]?10\b", "cifar"),
    (r"\btop[ _-]?[2-9]\b[^\n]{0,20}acc\w{0,20}", ""),
    (r"\[0 ?[-,] ?1\]|\b\d{1,4} ?x ?\d{1,4}\b|(?<![\d.])\d{1,2}/\d{1,2}(?![\d.%])", ""),
    # Counts and settings: `on 10,000 test images`, `after 5 epochs`, `batch size 128`, `dropout = 0.3`, `6.2a`.
    (rf"(?<![\d.,:=])(?<![:=] )\d{{1,7}}(?:,\d{{3}}){{0,2}}[ -]?((?:[a-z]{{3,12}} )?(?:{_UNIT}))\b", r"\1"),
    (rf"\b(?:epoch|batch|seed)s?(?:[ _]size)?[ _#:=]{{0,3}}\d{{1,5}}(?![\d.%]){_LATER}", ""),
    (rf"\b(?:dropout|lr|learning rate)(?: rate)?(?: of)?[ =]{{0,3}}0?\.\d{{1,6}}(?![\d%]){_LATER}", ""),
    (rf"\b(?:model|run|cnn|net|part|task|version|step|fold|no)[ _#.-]{{0,2}}\d{{1,2}}[ab]?(?![\d.%\w]){_LATER}", ""),
    (rf"(?<![\d.])0?6[._][123](?:[._ -]?[ab])?(?![\d%\w]){_LATER}", ""),
    (r"(?<![\d.])\d{1,6} ?/ ?\d{2,6}(?![\d.]) ?=", ""),
    (r"\(([^()\n,:=]{1,30}), ?([^()\n,:=\d]{0,30})\)", r"(\1 \2)"),
    # As PyTorch's examples write it: `Test set: Average loss: 0.08, Accuracy: 9752/10000 (98%)`.
    (rf"(?<![\d.])\d{{1,6}} ?/ ?\d{{2,6}} ?\(({_NUMBER}) ?%\)", r"\1%"),
    (
        rf"\b(test|val\w{{0,7}}|train\w{{0,4}}) ?(?:set|data|results?)? ?: ?(?:average |avg\.? )?loss ?[:=] ?"
        rf"({_NUMBER}) ?[,;|] ?acc(?:uracy)? ?[:=]",
        r"\1 loss: \2 \1 accuracy:",
    ),
    # Two at once, and the number before its name.
    (
        rf"\b({_WHICH})loss(?: ?[,/&] ?| and )({_WHICH})(acc(?:uracy)?)[ :=]{{1,3}}[\[(]?({_NUMBER}) ?[,/; ] ?"
        rf"({_NUMBER})",
        r"\1loss: \4 \1\2\3: \5",
    ),
    (
        rf"\b(train\w{{0,4}})(?: acc(?:uracy)?)?(?: ?[,/&] ?| and )(test|val\w{{0,7}}) acc(?:uracy)?[ :=]{{1,3}}[\[(]?"
        rf"({_NUMBER}%?) ?[,/; ] ?(?={_NUMBER})",
        r"\1 accuracy: \3 \2 accuracy: ",
    ),
    (rf"(?<![\d.,])(\d{{1,3}}(?:\.\d{{1,9}})?) ?% ({_WHICH}accuracy)\b(?! ?[:=])", r"\2: \1%"),
    (r"([,;(]) ?(?=[,;:)=])", ""),
    # No share and no loss is so large.
    (rf"(?<![\d.,:=/])(?<![:=/] )[1-9]\d{{3,5}}(?![\d.,%/\w])(?! ?[/%]){_LATER}", ""),
]
_PATTERNS = [(re.compile(pattern, re.I), by) for pattern, by in _RULES]
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:\.000)+(?![\d.,]\d)")
_DECIMAL = re.compile(r"(?<![\d.,])(\d{1,3}(?=,\d{1,20} ?%)|0(?=,\d{2})),(?=\d{1,20}(?!\d|[.,]\d))")
_COMMA = re.compile(
    r"((?:[:=|]|\b(?:is|of|was|ist|accuracy|acc|loss)\b)[ \t]{0,8}[\"']?)(\d{1,3}),(\d{1,20})(?![\d.]|,\d)", re.I
)


def decimal_points(text: str) -> str:
    """The text with points for decimal commas, where it has no number with a point and one after a name a comma; points
    between thousands, as in 10.000, are none.
    """
    whole = _THOUSANDS.sub(lambda number: number[0].replace(".", ""), text) if re.search(r"\d,\d", text) else text
    return text if re.search(r"\d\.\d", whole) else _DECIMAL.sub(r"\1.", _COMMA.sub(r"\1\2.\3", whole))


def english(text: str) -> str:
    """The text with other languages' words for what is measured, and of which images, in English."""
    for pattern, by in _OTHER_WORDS:
        text = pattern.sub(by, text)
    return _TOUCHING.sub(" ", text)


def plain(line: str) -> str:
    """A line without counts, settings and numbers of tasks; two figures given at once are set apart."""
    for pattern, by in _PATTERNS:
        line = pattern.sub(by, line)
    return line
