HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def init(shoplake, folder, *words):
    return shoplake("init", "--path", folder / "files", "--config", folder / "shoplake.toml", *words).stdout


def write(folder, *names):
    for name in names:
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER)


def test_init_writes_the_kind_that_the_files_look_like(shoplake, tmp_path):
    write(tmp_path, "1.csv", "2.csv", "notes.txt")

    output = init(shoplake, tmp_path)

    assert 'kind = "online_retail"' in (tmp_path / "shoplake.toml").read_text()
    assert "look like online_retail (" in output
    assert "online_retail reads 2 of 3 files there. It does not read notes.txt." in output


def test_a_kind_that_reads_nothing_of_another_shop_is_mentioned(shoplake, tmp_path):
    write(tmp_path, *[f"{number}.csv" for number in range(7)])

    output = init(shoplake, tmp_path, "--kind", "zenith")

    assert 'kind = "zenith"' in (tmp_path / "shoplake.toml").read_text()
    assert "zenith reads 0 of 7 files there. It does not read 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more." in output
    assert '# Write kind = "online_retail" there.' in output


def test_of_files_in_other_folders_it_says_where_the_kind_looks(shoplake, tmp_path):
    write(tmp_path, "orders.json")

    output = init(shoplake, tmp_path, "--kind", "shopify")

    assert "shopify reads 0 of 1 file there. It does not read orders.json." in output
    assert "Its files are orders/*.json, transactions/*.json, orders_export*.csv, " in output


def test_a_dump_of_a_database_is_named_with_the_command_that_exports_it(shoplake, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "shop.sql").write_text("CREATE TABLE `sales_order` (`id` int);\n")

    output = init(shoplake, tmp_path)

    assert "shop.sql: SQL statements. Load them into a database" in output
    assert "mysql --batch DATABASE -e 'SELECT * FROM sales_order' > sales_order.tsv" in output
    assert "Stream(" not in output


def test_of_many_streams_ten_are_printed_and_the_others_counted(shoplake, tmp_path):
    (tmp_path / "files").mkdir()
    for letter in "abcdefghijkl":
        (tmp_path / "files" / f"{letter}.csv").write_text(f"{letter};at\n1;2026-03-01\n")

    output = init(shoplake, tmp_path)

    assert output.count("  Stream(") == 10
    assert "… and 2 more" in output
