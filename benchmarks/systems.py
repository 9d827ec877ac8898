"""The peers as their own documentation sets them up, one index per persona, fed the stock's texts and vectors; run in
var/peers. Each is a function (stock, folder) → Ready.

`python -m benchmarks.systems NAME FOLDER` serves one of them.
"""

import sys

import chromadb
import lancedb
import numpy as np
import pyarrow
import Stemmer
from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from llama_index.core import Settings, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever

from benchmarks.contestant import Ready, serve
from benchmarks.stock import FIRST

CHROMA_BATCH = 5_000  # its own limit is 5,461
INDEXED = 50_000  # passages of a persona from which LanceDB gets an index; it recommends none for small tables


def llamaindex_bm25(stock, folder):
    shelves = [_bm25(nodes) for nodes in _nodes(stock)]
    return Ready(lambda question: _numbers(shelves[stock.asked_of[question]].retrieve(stock.questions[question])))


def llamaindex_vector(stock, folder):
    embedding = _Known.of(stock)
    shelves = [_vector(nodes, embedding) for nodes in _nodes(stock)]
    return Ready(
        lambda question: _numbers(shelves[stock.asked_of[question]].retrieve(stock.questions[question])),
        stock.rank_exactly,
    )


def llamaindex_fusion(stock, folder):
    embedding, llm = _Known.of(stock), MockLLM()
    Settings.llm, Settings.embed_model = llm, embedding
    shelves = []
    for nodes in _nodes(stock):
        both = [_vector(nodes, embedding), _bm25(nodes)]
        shelves.append(
            QueryFusionRetriever(
                both, llm=llm, mode="relative_score", similarity_top_k=FIRST, num_queries=1, use_async=False
            )
        )
    return Ready(lambda question: _numbers(shelves[stock.asked_of[question]].retrieve(stock.questions[question])))


def haystack_bm25(stock, folder):
    shelves = [InMemoryBM25Retriever(store, top_k=FIRST) for store in _haystack_stores(stock)]

    def ask(question):
        return _ids(shelves[stock.asked_of[question]].run(stock.questions[question]))

    return Ready(ask)


def haystack_joined(stock, folder):
    stores = _haystack_stores(stock)
    words = [InMemoryBM25Retriever(store, top_k=FIRST) for store in stores]
    meanings = [InMemoryEmbeddingRetriever(store, top_k=FIRST) for store in stores]
    joiner = DocumentJoiner(join_mode="distribution_based_rank_fusion", top_k=FIRST)
    vectors = [vector.tolist() for vector in stock.question_vectors]

    def ask(question):
        persona = stock.asked_of[question]
        both = [words[persona].run(stock.questions[question]), meanings[persona].run(vectors[question])]
        return _ids(joiner.run(documents=[found["documents"] for found in both]))

    return Ready(ask)


def lancedb_vector(stock, folder):
    tables = _lance_tables(stock, folder)

    def ask(question):
        search = tables[stock.asked_of[question]].search(stock.question_vectors[question])
        return [row["id"] for row in search.distance_type("cosine").select(["id"]).limit(FIRST).to_list()]

    return Ready(ask, stock.rank_exactly)


def lancedb_hybrid(stock, folder):
    tables = _lance_tables(stock, folder)
    for table in tables:
        table.create_fts_index("text", language="English", stem=True, remove_stop_words=True)

    def ask(question):
        search = tables[stock.asked_of[question]].search(query_type="hybrid")
        search = search.vector(stock.question_vectors[question]).text(stock.questions[question])
        return [row["id"] for row in search.distance_type("cosine").limit(FIRST).to_list()]

    return Ready(ask)


def chroma_vector(stock, folder):
    client = chromadb.PersistentClient(str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    shelves = []
    for persona in stock.personas:
        shelf = client.create_collection(f"persona-{persona}", configuration={"hnsw": {"space": "cosine"}})
        first, last = stock.shelf(persona)
        for start in range(first, last, CHROMA_BATCH):
            end = min(start + CHROMA_BATCH, last)
            ids = [str(number) for number in range(start, end)]
            vectors = stock.vectors[start:end].astype(np.float32)
            shelf.add(ids=ids, embeddings=vectors, documents=stock.texts[start:end])
        shelves.append(shelf)

    def ask(question):
        found = shelves[stock.asked_of[question]].query(
            query_embeddings=stock.question_vectors[question : question + 1], n_results=FIRST, include=["documents"]
        )
        return found["ids"][0]

    return Ready(ask, stock.rank_exactly)


class _Known(BaseEmbedding):
    """Gives the vectors that the stock has for its questions."""

    known: dict

    @classmethod
    def of(cls, stock):
        return cls(known={text: stock.question_vectors[place] for place, text in enumerate(stock.questions)})

    def _get_query_embedding(self, query):
        return self.known[query].tolist()

    async def _aget_query_embedding(self, query):
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text):
        raise NotImplementedError("Passages bring their vectors.")


def _nodes(stock):
    for persona in stock.personas:
        yield [
            TextNode(id_=str(place), text=stock.texts[place], embedding=stock.vectors[place].tolist())
            for place in range(*stock.shelf(persona))
        ]


def _bm25(nodes):
    return BM25Retriever.from_defaults(
        nodes=nodes, similarity_top_k=min(FIRST, len(nodes)), stemmer=Stemmer.Stemmer("english"), language="en"
    )


def _vector(nodes, embedding):
    return VectorStoreIndex(nodes, embed_model=embedding).as_retriever(similarity_top_k=FIRST)


def _numbers(found):
    return [one.node.node_id for one in found]


def _haystack_stores(stock):
    stores = []
    for persona in stock.personas:
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        places = range(*stock.shelf(persona))
        store.write_documents(
            [Document(id=str(one), content=stock.texts[one], embedding=stock.vectors[one].tolist()) for one in places]
        )
        stores.append(store)
    return stores


def _ids(found):
    return [document.id for document in found["documents"]]


def _lance_tables(stock, folder):
    database, tables = lancedb.connect(str(folder)), []
    for persona in stock.personas:
        first, last = stock.shelf(persona)
        vectors = stock.vectors[first:last].astype(np.float32)
        rows = pyarrow.table(
            {
                "id": np.arange(first, last),
                "text": stock.texts[first:last],
                "vector": pyarrow.FixedSizeListArray.from_arrays(vectors.reshape(-1), vectors.shape[1]),
            }
        )
        table = database.create_table(f"persona_{persona}", rows)
        if last - first >= INDEXED:
            table.create_index(metric="cosine", vector_column_name="vector")
        tables.append(table)
    return tables


SYSTEMS = {
    "llamaindex-bm25": llamaindex_bm25,
    "llamaindex-vector": llamaindex_vector,
    "llamaindex-fusion": llamaindex_fusion,
    "haystack-bm25": haystack_bm25,
    "haystack-joined": haystack_joined,
    "lancedb-vector": lancedb_vector,
    "lancedb-hybrid": lancedb_hybrid,
    "chroma-vector": chroma_vector,
}

if __name__ == "__main__":
    serve(SYSTEMS[sys.argv[1]], sys.argv[2])
