-- The kinds of cells: for each, a quick way for the common form and a slow way for what people make of it.
-- Branches are CASE, not COALESCE: the engine then works out the slow way only for the rows that need it.
-- YES, NO, BLANK and COUNTRIES are filled in from profiles/_words.toml.

CREATE OR REPLACE MACRO unwrap(c) AS nullif(trim(regexp_replace(regexp_replace(
    trim(replace(c, chr(160), ' ')), '^="(.*)"$', '\1'), '^''', '')), '');
CREATE OR REPLACE MACRO wash(c) AS CASE
    WHEN c < '0' OR c > '~' OR starts_with(c, '=') OR ends_with(c, ' ') OR ends_with(c, chr(160))
    THEN unwrap(c) ELSE c END;
CREATE OR REPLACE MACRO bare_number(c) AS upper(regexp_replace(regexp_replace(
    unwrap(c), '^([0-9]+)\.0+$', '\1'), '[\s\x{2010}-\x{2015}-]', '', 'g'));
CREATE OR REPLACE MACRO eleven(b) AS CASE WHEN regexp_full_match(b, '[0-9A-Z]{3}[0-9]{8}') THEN b END;
CREATE OR REPLACE MACRO as_entry(c) AS CASE
    WHEN regexp_full_match(c, '[0-9A-Z]{3}[0-9]{8}') THEN c ELSE eleven(bare_number(c)) END;
-- Amounts. What stands round the figure goes: a currency word, brackets or a minus behind; spaces and apostrophes
-- between thousands. A euro sign stays, and with it the cell is no amount of dollars.
CREATE OR REPLACE MACRO grouped(b) AS CASE
    WHEN regexp_full_match(b, '-?\d{1,3}(( \d{3})+|([''’]\d{3})+)([.,]\d*)?') THEN regexp_replace(b, '[ ''’]', '', 'g')
    ELSE b END;
CREATE OR REPLACE MACRO no_currency(b) AS regexp_replace(regexp_replace(
    b, '^([-(]?)\s*(USD|US\$|\$)\s*', '\1'), '\s*(USD|US\$|\$)\s*([)-]{0,2})$', '\2');
CREATE OR REPLACE MACRO figure(c) AS grouped(regexp_replace(regexp_replace(no_currency(regexp_replace(
    upper(unwrap(c)), '[\x{2007}\x{2009}\x{200A}\x{202F}]', ' ', 'g')),
    '^\(\s*(.*?)\s*\)$', '-\1'), '^([^-].*?)\s*-$', '-\1'));
CREATE OR REPLACE MACRO with_point(b) AS CASE
    WHEN regexp_full_match(b, '-?(\d+|[1-9]\d{0,2}(,\d{3})+|0(,000)+)?(\.\d*)?') AND regexp_matches(b, '\d')
    THEN replace(b, ',', '') END;
CREATE OR REPLACE MACRO with_comma(b) AS CASE
    WHEN regexp_full_match(b, '-?(\d+|[1-9]\d{0,2}(\.\d{3})+|0(\.000)+)?(,\d*)?') AND regexp_matches(b, '\d')
    THEN replace(replace(b, '.', ''), ',', '.') END;
-- One separator with three digits behind: thousands as well as decimals (2.000). The column decides, or nobody.
CREATE OR REPLACE MACRO either_way(b) AS regexp_full_match(b, '-?[1-9]\d{0,2}[.,]\d{3}');
CREATE OR REPLACE MACRO proves_comma(b) AS with_point(b) IS NULL AND with_comma(b) IS NOT NULL
    AND regexp_matches(b, ',\d{1,2}$|\..*[.,]');
CREATE OR REPLACE MACRO proves_point(b) AS with_comma(b) IS NULL AND with_point(b) IS NOT NULL;
-- What a formula left beyond the cents is rounded.
CREATE OR REPLACE MACRO cents_of(t) AS CAST(100 * CAST(try_cast(t AS DECIMAL(18, 6)) AS DECIMAL(18, 2)) AS BIGINT);
CREATE OR REPLACE MACRO cents_point(b) AS CASE
    WHEN either_way(b) AND NOT contains(b, ',') THEN NULL ELSE cents_of(with_point(b)) END;
CREATE OR REPLACE MACRO cents_comma(b) AS CASE
    WHEN either_way(b) AND contains(b, ',') THEN NULL ELSE cents_of(with_comma(b)) END;
CREATE OR REPLACE MACRO as_cents(c) AS CASE
    WHEN NOT (c LIKE '%.___' OR contains(c, 'E+')) AND try_cast(c AS DECIMAL(18, 6)) IS NOT NULL THEN cents_of(c)
    ELSE cents_point(figure(c)) END;
CREATE OR REPLACE MACRO as_cents_comma(c) AS cents_comma(figure(c));
CREATE OR REPLACE MACRO as_cents_unclear(c) AS CASE
    WHEN NOT either_way(figure(c)) THEN cents_point(figure(c)) END;
CREATE OR REPLACE MACRO as_count(c) AS CASE
    WHEN regexp_full_match(c, '\d{1,9}') THEN CAST(c AS INTEGER)
    ELSE try_cast(regexp_extract(unwrap(c), '^(\d{1,9})(\.0*)?$', 1) AS INTEGER) END;
-- Days. The quick way reads the usual forms; the slow one first takes off a day of the week and the hour, and
-- writes two-digit years out. An hour of another zone is taken off only where it is a midnight of the day.
CREATE OR REPLACE MACRO sane(d) AS CASE WHEN year(d) BETWEEN 1980 AND 2099 THEN CAST(d AS DATE) END;
CREATE OR REPLACE MACRO serial_day(w) AS CASE WHEN regexp_full_match(w, '[3-6]\d{4}(\.\d+)?')
    THEN make_date(1899, 12, 30) + CAST(floor(CAST(w AS DOUBLE)) AS INTEGER) END;
CREATE OR REPLACE MACRO weekday_of(w) AS lower(regexp_extract(w,
    '^(?i)(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\.?,?\s+', 1));
CREATE OR REPLACE MACRO no_weekday(w) AS regexp_replace(w,
    '^(?i)(mon|tue|wed|thu|fri|sat|sun)(day|s|sday|nesday|r|rs|rsday|urday)?\.?,?\s+', '');
CREATE OR REPLACE MACRO no_hour(w) AS regexp_replace(regexp_replace(w,
    '(?i)(\d)(T|\s)\s*(00:00(:00(\.0+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})|0[4-8]:00(:00(\.0+)?)?\s*(Z|UTC|GMT|\+00:?00))$', '\1'),
    '(?i)(\d)(T|,?\s+)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AP]\.?M\.?)?$', '\1');
CREATE OR REPLACE MACRO by_name(w) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(w,
    '(?i)\bsept\b', 'Sep'), '^(\d{1,2})[\s./-]*([A-Za-z]{3,9})[\s.,/-]*(\d{2}|\d{4})$', '\1 \2 \3'),
    '^([A-Za-z]{3,9})[\s.-]*(\d{1,2})[\s,.-]+(\d{2}|\d{4})$', '\2 \1 \3'),
    '^(\d{1,2} [A-Za-z]+ )(\d{2})$', '\120\2');
CREATE OR REPLACE MACRO bare_day(w) AS by_name(no_hour(no_weekday(regexp_replace(w, '^(\d{8})\.0+$', '\1'))));
CREATE OR REPLACE MACRO century(t) AS regexp_replace(t, '^(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})$', '\120\2');
-- A year's three-digit day ("2026114") and other figures of less than eight digits are no month and day.
CREATE OR REPLACE MACRO plain_day(t) AS CASE WHEN NOT regexp_full_match(t, '\d{1,7}')
    THEN try_strptime(t, ['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d', '%d %b %Y', '%d %B %Y']) END;
CREATE OR REPLACE MACRO mdy_slow(t) AS coalesce(
    try_strptime(century(t), ['%m/%d/%Y', '%m-%d-%Y', '%m.%d.%Y']), plain_day(t));
-- Two-digit years behind dashes may stand in front as well (25-06-26): day first, they are not read.
CREATE OR REPLACE MACRO dmy_slow(t) AS coalesce(CASE
    WHEN NOT regexp_full_match(t, '\d{1,2}-\d{1,2}-\d{2}')
    THEN try_strptime(century(t), ['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']) END, plain_day(t));
CREATE OR REPLACE MACRO day_of(w, d) AS CASE
    WHEN weekday_of(w) = '' OR weekday_of(w) = lower(left(dayname(d), 3)) THEN sane(d) END;
CREATE OR REPLACE MACRO slow_day(w, d) AS coalesce(day_of(w, d), sane(serial_day(w)));
CREATE OR REPLACE MACRO mdy_day(t) AS try_strptime(t, ['%m/%d/%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%d-%b-%Y']);
CREATE OR REPLACE MACRO dmy_day(t) AS try_strptime(t, ['%d/%m/%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d', '%d-%b-%Y']);
CREATE OR REPLACE MACRO day_iso(c) AS slow_day(unwrap(c), plain_day(bare_day(unwrap(c))));
CREATE OR REPLACE MACRO day_mdy(c) AS CASE WHEN sane(mdy_day(c)) IS NOT NULL THEN sane(mdy_day(c))
    ELSE slow_day(unwrap(c), mdy_slow(bare_day(unwrap(c)))) END;
CREATE OR REPLACE MACRO day_dmy(c) AS CASE WHEN sane(dmy_day(c)) IS NOT NULL THEN sane(dmy_day(c))
    ELSE slow_day(unwrap(c), dmy_slow(bare_day(unwrap(c)))) END;
-- Where a column mixes both orders: the days that have one reading only.
CREATE OR REPLACE MACRO day_any(c) AS CASE
    WHEN regexp_full_match(bare_day(unwrap(c)), '(0?[1-9]|1[0-2])[/.-](0?[1-9]|1[0-2])[/.-](\d{4}|\d{2})') THEN NULL
    ELSE coalesce(day_mdy(c), day_dmy(c)) END;
CREATE OR REPLACE MACRO hts_cut(d) AS CASE
    WHEN length(d) = 10 AND starts_with(d, '99') AND ends_with(d, '00') THEN left(d, 8)
    WHEN length(d) IN (8, 10) THEN d END;
-- Chapters 01 to 09 have a zero to lose. A short 99… number has lost digits that nobody can restore.
CREATE OR REPLACE MACRO hts_fill(w) AS CASE
    WHEN regexp_full_match(w, '\d{7}|\d{9}') AND NOT starts_with(w, '99') THEN '0' || w
    WHEN regexp_full_match(w, '[\d.\s-]+') THEN regexp_replace(w, '[.\s-]', '', 'g') END;
-- Numbers among words ("9903.01.25 - Reciprocal"): read where the cell holds one number and no other digits of note.
CREATE OR REPLACE MACRO long_digits(t) AS list_filter(string_split_regex(coalesce(t, ''), '[^0-9.]+'),
    lambda x: length(replace(x, '.', '')) >= 4);
CREATE OR REPLACE MACRO hts_numbers(t) AS list_distinct(list_transform(long_digits(t),
    lambda x: CASE WHEN regexp_full_match(x, '\d{4}\.?\d{2}\.?\d{2}(\.?\d{2})?\.?')
                   THEN hts_cut(replace(x, '.', '')) ELSE '' END));
CREATE OR REPLACE MACRO chapter_99_of(t) AS list_filter(hts_numbers(t), lambda x: starts_with(x, '99') OR x = '');
CREATE OR REPLACE MACRO goods_numbers_of(t) AS list_filter(hts_numbers(t), lambda x: NOT starts_with(x, '99'));
CREATE OR REPLACE MACRO hts_among_words(t) AS CASE WHEN len(hts_numbers(t)) = 1 THEN nullif(hts_numbers(t)[1], '') END;
CREATE OR REPLACE MACRO hts_plain(t) AS hts_cut(hts_fill(regexp_replace(t, '^(\d{7,10})\.0+$', '\1')));
CREATE OR REPLACE MACRO as_hts(c) AS CASE
    WHEN regexp_full_match(c, '\d{8}|([0-8]\d|9[0-8])\d{8}') THEN c
    WHEN hts_plain(unwrap(c)) IS NOT NULL THEN hts_plain(unwrap(c))
    ELSE hts_among_words(unwrap(c)) END;
CREATE OR REPLACE MACRO as_country(c) AS CASE
    WHEN regexp_full_match(c, '[A-Z]{2}') THEN c
    WHEN regexp_full_match(unwrap(c), '[A-Za-z]{2}') THEN upper(unwrap(c))
    WHEN regexp_full_match(unwrap(c), '[A-Za-z]{2}\s*[-–:(].*') THEN upper(left(unwrap(c), 2))
    ELSE map_extract_value(COUNTRIES, lower(unwrap(c))) END;
CREATE OR REPLACE MACRO as_entry_type(c) AS CASE
    WHEN regexp_full_match(c, '\d{2}') THEN c
    ELSE lpad(nullif(regexp_extract(unwrap(c), '^0?(\d{1,2})(\.0+)?(\D.*)?$', 1), ''), 2, '0') END;
CREATE OR REPLACE MACRO as_port(c) AS CASE
    WHEN regexp_full_match(c, '\d{4}') THEN c
    ELSE lpad(nullif(regexp_extract(unwrap(c), '^(\d{3,4})(\.0+)?(\D.*)?$', 1), ''), 4, '0') END;
CREATE OR REPLACE MACRO as_flag(c) AS CASE
    WHEN lower(unwrap(c)) IN (YES) THEN true WHEN lower(unwrap(c)) IN (NO) THEN false END;
CREATE OR REPLACE MACRO as_importer(c) AS upper(CASE WHEN lower(wash(c)) IN (BLANK) THEN NULL ELSE wash(c) END);
CREATE OR REPLACE MACRO as_status(c) AS CASE WHEN lower(wash(c)) IN (DASHES) THEN NULL ELSE wash(c) END;
CREATE OR REPLACE MACRO as_reference(c) AS CASE WHEN lower(wash(c)) IN (BLANK) THEN NULL ELSE wash(c) END;
